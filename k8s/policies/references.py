"""Controls of names: whatever one object says of another is there. An API server takes most of these without a word."""
import re

from documents import CLUSTER_WIDE, matches, name_of

BY_THE_PLATFORM = {'Gateway', 'ClusterSecretStore', 'ClusterIssuer'}
RESTRICTED = 'pod-security.kubernetes.io/enforce'


def namespace_is_ours_and_restricted(documents):
    for each in documents:
        if each['kind'] not in CLUSTER_WIDE and each['metadata'].get('namespace') != 'renxin':
            yield name_of(each), 'namespace must be renxin'
    namespace = documents.find('Namespace', 'renxin')
    if not namespace or namespace['metadata'].get('labels', {}).get(RESTRICTED) != 'restricted':
        yield 'Namespace/renxin', f'label {RESTRICTED} must be restricted'


def names_are_unique(documents):
    seen = set()
    for each in documents:
        key = (each['apiVersion'].split('/')[0], name_of(each))
        if key in seen:
            yield name_of(each), 'is there twice'
        seen.add(key)


def labels_are_complete(documents):
    for each in documents:
        if each['metadata'].get('labels', {}).get('app.kubernetes.io/part-of') != 'renxin':
            yield name_of(each), 'no label app.kubernetes.io/part-of'
    for pod in documents.pods():
        for key in ('app.kubernetes.io/name', 'app.kubernetes.io/component', 'app.kubernetes.io/part-of'):
            if key not in pod.labels:
                yield pod.where, f'its pods have no label {key}'


def workloads_select_their_own_pods(documents):
    for pod in documents.served_pods():
        selector = pod.owner['spec'].get('selector', {})
        others = [other.where for other in documents.pods() if other.owner is not pod.owner and matches(selector, other.labels)]
        if not selector.get('matchLabels') or not matches(selector, pod.labels) or others:
            yield pod.where, f'its selector takes {"pods of " + ", ".join(others) if others else "not its own pods"}'


def services_select_pods(documents):
    for service in documents.of_kind('Service'):
        selector = service['spec'].get('selector', {})
        if selector and not any(matches({'matchLabels': selector}, pod.labels) for pod in documents.served_pods()):
            yield name_of(service), f'no pod has {selector}'


def budgets_select_pods(documents):
    for budget in documents.of_kind('PodDisruptionBudget'):
        taken = [pod.where for pod in documents.served_pods() if matches(budget['spec'].get('selector'), pod.labels)]
        if len(taken) != 1:
            yield name_of(budget), f'is of {len(taken)} workloads'


def policies_select_pods(documents):
    """Also the peers of this namespace. Pods of CloudNativePG are made by its operator."""
    def nobody(selector):
        labels = (selector or {}).get('matchLabels', {})
        clusters = [each['metadata']['name'] for each in documents.of_kind('Cluster')]
        if 'cnpg.io/cluster' in labels:
            return labels['cnpg.io/cluster'] not in clusters
        return bool(selector) and not any(matches(selector, pod.labels) for pod in documents.pods())
    for policy in documents.of_kind('NetworkPolicy'):
        selectors = [policy['spec'].get('podSelector')]
        for direction, peers in (('ingress', 'from'), ('egress', 'to')):
            selectors += [peer['podSelector'] for rule in policy['spec'].get(direction, []) for peer in rule.get(peers, [])
                          if 'podSelector' in peer and 'namespaceSelector' not in peer]
        for selector in selectors:
            if nobody(selector):
                yield name_of(policy), f'no pod has {selector}'


def ports_of_services_exist(documents):
    for service in documents.of_kind('Service'):
        there = documents.ports(service['spec'].get('selector', {}))
        for port in service['spec'].get('ports', []):
            if there and port.get('targetPort', port.get('port')) not in there:
                yield name_of(service), f'its pods have no port {port.get("targetPort", port.get("port"))}'


def ports_of_probes_exist(documents):
    for _, where, container, _ in documents.containers():
        names = {value for port in container.get('ports', []) for value in (port.get('name'), port['containerPort'])}
        for probe in ('startupProbe', 'readinessProbe', 'livenessProbe'):
            port = container.get(probe, {}).get('httpGet', {}).get('port')
            if port is not None and port not in names:
                yield where, f'{probe} asks port {port}, which it does not have'


def ports_of_policies_exist(documents):
    for policy in documents.of_kind('NetworkPolicy'):
        pods = [pod for pod in documents.pods() if matches(policy['spec'].get('podSelector'), pod.labels)]
        there = {port.get('name') for pod in pods for container in pod.spec['containers'] for port in container.get('ports', [])}
        for rule in policy['spec'].get('ingress', []):
            for port in rule.get('ports', []):
                if isinstance(port.get('port'), str) and port['port'] not in there:
                    yield name_of(policy), f'no pod of it has a port {port["port"]}'


def ports_of_monitors_exist(documents):
    for monitor in documents.of_kind('PodMonitor'):
        pods = [pod for pod in documents.served_pods() if matches(monitor['spec'].get('selector'), pod.labels)]
        for endpoint in monitor['spec'].get('podMetricsEndpoints', []):
            without = [pod.where for pod in pods if not any(port.get('name') == endpoint.get('port') for container in pod.spec['containers']
                                                            for port in container.get('ports', []))]
            if without or not pods:
                yield name_of(monitor), f'port {endpoint.get("port")} is not there: {", ".join(without) or "it selects no pods"}'


def backends_exist(documents):
    """What an Ingress or a route sends to is a port of a Service here."""
    wanted = []
    for ingress in documents.of_kind('Ingress'):
        for rule in ingress['spec'].get('rules', []):
            for path in rule['http']['paths']:
                backend = path['backend']['service']
                wanted.append((ingress, backend['name'], backend['port'].get('name', backend['port'].get('number'))))
    for route in documents.of_kind('HTTPRoute'):
        wanted += [(route, each['name'], each.get('port')) for rule in route['spec']['rules'] for each in rule.get('backendRefs', [])]
    for policy in documents.of_kind('BackendTLSPolicy'):
        wanted += [(policy, each['name'], each.get('sectionName')) for each in policy['spec']['targetRefs']]
    for owner, name, port in wanted:
        service = documents.find('Service', name)
        ports = {value for each in service['spec']['ports'] for value in (each.get('name'), each['port'])} if service else set()
        if port not in ports:
            yield name_of(owner), f'Service/{name} has no port {port}'


def nodes_have_their_service(documents):
    for broker in documents.of_kind('StatefulSet'):
        service = documents.find('Service', broker['spec'].get('serviceName'))
        if not service or service['spec'].get('clusterIP') != 'None' or not service['spec'].get('publishNotReadyAddresses'):
            yield name_of(broker), f'serviceName {broker["spec"].get("serviceName")} is no headless Service that publishes nodes not yet ready'
    hosts = {f'{each["metadata"]["name"]}-{number}.{each["spec"].get("serviceName")}' for each in documents.of_kind('StatefulSet')
             for number in range(each['spec'].get('replicas', 1))} | {each['metadata']['name'] for each in documents.of_kind('Service')}
    for config in documents.of_kind('ConfigMap'):
        for url in config.get('data', {}).get('RENXIN_NATS_URL', '').split(','):
            host = re.sub(r'^nats://|:\d+$', '', url)
            if host and host not in hosts:
                yield name_of(config), f'RENXIN_NATS_URL names {host}, which nobody is'


def accounts_exist(documents):
    for pod in documents.pods():
        if not documents.find('ServiceAccount', pod.spec.get('serviceAccountName')):
            yield pod.where, f'no ServiceAccount {pod.spec.get("serviceAccountName")}'


def volumes_are_mounted(documents):
    for pod in documents.pods():
        there = {each['name'] for each in pod.spec.get('volumes', [])}
        there |= {each['metadata']['name'] for each in pod.owner['spec'].get('volumeClaimTemplates', [])}
        mounted = {mount['name'] for _, container, _ in pod.containers() for mount in container.get('volumeMounts', [])}
        for name in sorted(there ^ mounted):
            yield pod.where, f'volume {name} is {"mounted but not there" if name in mounted else "never mounted"}'


def claims_exist(documents):
    for pod in documents.pods():
        for volume in pod.spec.get('volumes', []):
            claim = volume.get('persistentVolumeClaim', {}).get('claimName')
            if claim and not documents.find('PersistentVolumeClaim', claim):
                yield pod.where, f'no PersistentVolumeClaim {claim}'


def files_of_variables_are_mounted(documents):
    """RENXIN_…_FILE and files among the arguments lie on a mount, among the items of its volume."""
    for pod, where, container, _ in documents.containers():
        values = [each['value'] for each in container.get('env', []) if each['name'].endswith('_FILE') and 'value' in each]
        values += [each for each in container.get('args', []) if each.startswith('/')]
        volumes = {each['name']: each for each in pod.spec.get('volumes', [])}
        for path in values:
            mount = next((each for each in container.get('volumeMounts', []) if path.startswith(each['mountPath'] + '/')), None)
            items = _items(volumes.get(mount['name'], {})) if mount else set()
            if not mount or (items is not None and path.removeprefix(mount['mountPath'] + '/') not in items):
                yield where, f'{path} is not mounted'


def _items(volume):
    """Paths of the files of a volume; None where it may hold any."""
    sources = volume['projected']['sources'] if 'projected' in volume else [volume]
    items = [each['path'] for source in sources for kind in ('secret', 'configMap') for each in source.get(kind, {}).get('items', [])]
    return set(items) if items else None


def _config_references(documents):
    """(where, name, key or None) of every ConfigMap that a pod or a policy of TLS names."""
    for pod in documents.pods():
        for where, container, _ in pod.containers():
            for each in container.get('envFrom', []):
                if 'configMapRef' in each:
                    yield where, each['configMapRef']['name'], None
            for each in container.get('env', []):
                if 'configMapKeyRef' in each.get('valueFrom', {}):
                    yield where, each['valueFrom']['configMapKeyRef']['name'], each['valueFrom']['configMapKeyRef']['key']
        for volume in pod.spec.get('volumes', []):
            for source in [volume, *volume.get('projected', {}).get('sources', [])]:
                if 'configMap' in source:
                    for item in source['configMap'].get('items') or [{'key': None}]:
                        yield pod.where, source['configMap']['name'], item['key']
    for policy in documents.of_kind('BackendTLSPolicy'):
        for each in policy['spec']['validation'].get('caCertificateRefs', []):
            yield name_of(policy), each['name'], 'ca.crt'


def config_maps_have_their_keys(documents):
    given = documents.given()
    for where, name, key in _config_references(documents):
        config = documents.find('ConfigMap', name)
        keys = set(config.get('data', {})) if config else given.get(f'ConfigMap/{name}')
        if keys is None or (key is not None and key not in keys):
            yield where, f'ConfigMap/{name} has no key {key}' if keys is not None else f'no ConfigMap {name}'


def settings_change_names(documents):
    """A pod reads its variables when it starts: a ConfigMap of them has a digest in its name, so that a change makes new pods."""
    for pod in documents.pods():
        for where, container, _ in pod.containers():
            for each in container.get('envFrom', []):
                name = each.get('configMapRef', {}).get('name', '')
                if not re.search(r'-[a-z0-9]{10}$', name) and documents.find('ConfigMap', name):
                    yield where, f'ConfigMap/{name} has no digest in its name'


def secret_references(documents):
    """(where, name, key) of every Secret that somebody names."""
    for pod in documents.pods():
        for where, container, _ in pod.containers():
            for each in container.get('env', []):
                if 'secretKeyRef' in each.get('valueFrom', {}):
                    yield where, each['valueFrom']['secretKeyRef']['name'], each['valueFrom']['secretKeyRef']['key']
        for volume in pod.spec.get('volumes', []):
            if 'secret' in volume:
                for item in volume['secret'].get('items', []):
                    yield pod.where, volume['secret']['secretName'], item['key']
            for source in volume.get('projected', {}).get('sources', []):
                for item in source.get('secret', {}).get('items', []):
                    yield pod.where, source['secret']['name'], item['key']
    for issuer in documents.of_kind('Issuer'):
        for key in ('tls.crt', 'tls.key'):
            yield name_of(issuer), issuer['spec']['ca']['secretName'], key
    for store in documents.of_kind('ObjectStore'):
        for each in store['spec']['configuration'].get('s3Credentials', {}).values():
            yield name_of(store), each['name'], each['key']
    for ingress in documents.of_kind('Ingress'):
        for each in ingress['spec'].get('tls', []):
            yield name_of(ingress), each['secretName'], 'tls.crt'


def made_secrets(documents):
    """{name: keys} of those that an operator in the cluster makes from what is rendered."""
    made = {}
    for each in documents.of_kind('ExternalSecret'):
        made[each['spec']['target']['name']] = {item['secretKey'] for item in each['spec']['data']}
    for each in documents.of_kind('Certificate'):
        made[each['spec']['secretName']] = {'ca.crt', 'tls.crt', 'tls.key'}
    for each in documents.of_kind('Cluster'):
        made[f'{each["metadata"]["name"]}-ca'] = {'ca.crt', 'ca.key'}
    return made


def secrets_have_their_keys(documents):
    made, given = made_secrets(documents), documents.given()
    for where, name, key in secret_references(documents):
        if key not in made.get(name, set()) | given.get(f'Secret/{name}', set()):
            yield where, f'Secret/{name} has no key {key}: neither made here nor in given.txt of the overlay'


def what_is_given_is_used(documents):
    used = {(f'Secret/{name}', key) for _, name, key in secret_references(documents)}
    used |= {(f'ConfigMap/{name}', key) for _, name, key in _config_references(documents)}
    for name, keys in documents.given().items():
        for key in sorted(keys):
            if (name, key) not in used:
                yield name, f'given.txt has {key}, which nobody uses'
    for name, keys in made_secrets(documents).items():
        external = any(each['spec']['target']['name'] == name for each in documents.of_kind('ExternalSecret'))
        for key in sorted(keys):
            if external and (f'Secret/{name}', key) not in used:
                yield f'ExternalSecret/{name}', f'has {key}, which nobody uses'


def operators_find_what_they_are_given(documents):
    """Issuers of certificates, clusters and stores of backups."""
    for each in documents.of_kind('Certificate'):
        issuer = each['spec']['issuerRef']
        if issuer['kind'] not in BY_THE_PLATFORM and not documents.find(issuer['kind'], issuer['name']):
            yield name_of(each), f'no {issuer["kind"]} {issuer["name"]}'
    for each in documents.of_kind('ScheduledBackup'):
        if not documents.find('Cluster', each['spec']['cluster']['name']):
            yield name_of(each), f'no Cluster {each["spec"]["cluster"]["name"]}'
    for each in documents.of_kind('Cluster'):
        for plugin in each['spec'].get('plugins', []):
            if not documents.find('ObjectStore', plugin['parameters']['barmanObjectName']):
                yield name_of(each), f'no ObjectStore {plugin["parameters"]["barmanObjectName"]}'


def certificates_name_their_hosts(documents):
    """Clients check the host they have dialled against the certificate; users what they typed."""
    nats, gateway = documents.find('Certificate', 'nats'), documents.find('Certificate', 'gateway')
    for config in documents.of_kind('ConfigMap'):
        data = config.get('data', {})
        dialled = {re.sub(r'^nats://|:\d+$', '', url) for url in data.get('RENXIN_NATS_URL', '').split(',') if url}
        typed = {host.rsplit(':', 1)[0] for host in data.get('RENXIN_ALLOWED_HOSTS', '').split(',') if host}
        for certificate, hosts in ((nats, dialled), (gateway, typed)):
            for host in sorted(hosts - set(certificate['spec']['dnsNames'])) if certificate else []:
                yield name_of(certificate), f'names no {host}'


def users_hosts_are_allowed(documents):
    """The overlay says under which name the gateway is reached, and whoever routes to it uses that name."""
    config = documents.find('ConfigMap', 'gateway')
    allowed = set(config['data'].get('RENXIN_ALLOWED_HOSTS', '').split(',')) if config else set()
    if allowed <= {'', 'gateway'}:
        yield 'ConfigMap/gateway', 'RENXIN_ALLOWED_HOSTS must have the name that users type; any other Host is 400'
    named = [(each, host) for each in documents.of_kind('HTTPRoute') for host in each['spec'].get('hostnames', [])]
    named += [(each, rule.get('host')) for each in documents.of_kind('Ingress') for rule in each['spec'].get('rules', [])]
    for owner, host in named:
        if host not in allowed:
            yield name_of(owner), f'{host} is not in RENXIN_ALLOWED_HOSTS'


REFERENCE_CONTROLS = (namespace_is_ours_and_restricted, names_are_unique, labels_are_complete, workloads_select_their_own_pods,
                      services_select_pods, budgets_select_pods, policies_select_pods, ports_of_services_exist, ports_of_probes_exist,
                      ports_of_policies_exist, ports_of_monitors_exist, backends_exist, nodes_have_their_service, accounts_exist,
                      volumes_are_mounted, claims_exist, files_of_variables_are_mounted, config_maps_have_their_keys, settings_change_names, secrets_have_their_keys,
                      what_is_given_is_used, operators_find_what_they_are_given, certificates_name_their_hosts, users_hosts_are_allowed)
