"""Controls of who reaches whom. Policies add up: what none of them allows is denied, once default-deny is there."""
from documents import matches, name_of

MONITORING = {'namespaceSelector': {'matchLabels': {'kubernetes.io/metadata.name': 'monitoring'}}}
TO_ANYWHERE = {'notifications-to-sms', 'postgres'}      # a provider's addresses; the API server and the object store of CloudNativePG


def denied_by_default(documents):
    for each in documents.of_kind('NetworkPolicy'):
        spec = each['spec']
        if spec.get('podSelector') == {} and set(spec.get('policyTypes', [])) == {'Ingress', 'Egress'} and not spec.get('ingress') \
                and not spec.get('egress'):
            return
    yield 'NetworkPolicy/default-deny', 'no policy denies everything to every pod'


def _rules(documents, direction):
    for each in documents.of_kind('NetworkPolicy'):
        for rule in each['spec'].get(direction, []):
            yield each, rule


def only_the_gateway_is_open(documents):
    """To whom no `from` is asked of, or a range of addresses."""
    for policy, rule in _rules(documents, 'ingress'):
        peers = rule.get('from', [])
        if peers and not any('ipBlock' in peer or peer.get('namespaceSelector') == {} for peer in peers):
            continue
        selector = policy['spec']['podSelector']
        open_pods = [pod for pod in documents.pods() if matches(selector, pod.labels)]
        if not all(pod.is_gateway() for pod in open_pods) or [port.get('port') for port in rule.get('ports', [])] != ['https']:
            yield name_of(policy), 'from outside only port https of the gateway is reached'


def nobody_reaches_everywhere(documents):
    for policy, rule in _rules(documents, 'egress'):
        everywhere = not rule.get('to') or any(peer.get('ipBlock', {}).get('cidr') in ('0.0.0.0/0', '::/0') for peer in rule['to'])
        if everywhere and policy['metadata']['name'] not in TO_ANYWHERE:
            yield name_of(policy), 'egress to everywhere'


def health_is_for_monitoring(documents):
    for policy, rule in _rules(documents, 'ingress'):
        ports = [port.get('port') for port in rule.get('ports', [])]
        if ('health' in ports or 9090 in ports) and rule.get('from') != [MONITORING]:
            yield name_of(policy), 'the health port is for the namespace monitoring alone'


def policies_name_ports(documents):
    for direction in ('ingress', 'egress'):
        for policy, rule in _rules(documents, direction):
            if not rule.get('ports'):
                yield name_of(policy), f'a rule of {direction} without ports'


def _uses(pod, what):
    return any(what(each) for _, container, _ in pod.containers() for each in container.get('env', []))


def who_uses_nats_reaches_it(documents):
    for pod in documents.pods():
        uses = _uses(pod, lambda each: each['name'] == 'RENXIN_NATS_PASSWORD_FILE')
        if uses != (pod.labels.get('renxin/reaches-nats') == 'true'):
            yield pod.where, 'label renxin/reaches-nats and RENXIN_NATS_PASSWORD_FILE go together'
    if not any(matches(policy['spec']['podSelector'], {'renxin/reaches-nats': 'true'}) and policy['spec']['podSelector'] for policy, _ in
               _rules(documents, 'egress')):
        yield 'NetworkPolicy/to-nats', 'no policy lets clients out to NATS'


def who_uses_postgres_reaches_it(documents):
    anybody = False
    for pod in documents.pods():
        uses = _uses(pod, lambda each: (each.get('value') or '').startswith('postgresql:'))
        anybody = anybody or uses
        if uses != (pod.labels.get('renxin/reaches-postgres') == 'true'):
            yield pod.where, 'label renxin/reaches-postgres and a postgresql: URL go together'
    lets_out = any(policy['spec']['podSelector'].get('matchLabels', {}).get('renxin/reaches-postgres') == 'true'
                   for policy, _ in _rules(documents, 'egress'))
    if anybody != lets_out:
        yield 'NetworkPolicy/to-postgres', 'pods have a postgresql: URL if and only if a policy lets them out to PostgreSQL'


def clients_verify_whom_they_reach(documents):
    for config in documents.of_kind('ConfigMap'):
        data = config.get('data', {})
        if 'PGHOST' in data and data.get('PGSSLMODE') != 'verify-full':
            yield name_of(config), 'PGSSLMODE must be verify-full'
        if 'RENXIN_NATS_URL' in data and not data.get('RENXIN_NATS_CA_FILE'):
            yield name_of(config), 'without RENXIN_NATS_CA_FILE nothing is encrypted'


NETWORK_CONTROLS = (denied_by_default, only_the_gateway_is_open, nobody_reaches_everywhere, health_is_for_monitoring, policies_name_ports,
                    who_uses_nats_reaches_it, who_uses_postgres_reaches_it, clients_verify_whom_they_reach)
