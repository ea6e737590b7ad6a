"""Faults to plant: for each control what it must find, and nobody else (tests/k8s/test_policies.py).

A path is words with spaces between; `name=x` takes the entry of a list with that name, a number the entry at that place."""
import copy
import dataclasses

from documents import is_named, services

POD = 'spec template spec'
ONE = f'{POD} containers 0'


@dataclasses.dataclass
class Fault:
    control: str
    what: str
    overlay: str
    changes: list       # (Kind/name, path, new value or GONE); a path of '' is the whole document

    def planted(self, documents):
        changed = copy.deepcopy(list(documents))
        for where, path, value in self.changes:
            _apply(changed, where, path, value)
        return changed


class GONE:
    """The value of what is taken away."""


def _find(documents, where):
    kind, name = where.split('/')
    return next(each for each in documents if each['kind'] == kind and is_named(each, name))


def _enter(value, word):
    if isinstance(value, list):
        if '=' in word:
            key, wanted = word.split('=')
            return next(index for index, each in enumerate(value) if each.get(key) == wanted)
        return len(value) if word == '-' else int(word)
    return word


def _apply(documents, where, path, value):
    if where == 'new':
        documents.append(copy.deepcopy(value))
        return
    document = _find(documents, where)
    if not path:
        documents.remove(document)
        return
    *steps, last = path.split(' ')
    for word in steps:
        key = _enter(document, word)
        document = document.setdefault(key, {}) if isinstance(document, dict) else document[key]
    key = _enter(document, last)
    if value is GONE:
        del document[key]
    elif isinstance(document, list) and key == len(document):
        document.append(value)
    else:
        document[key] = value


def _fault(control, what, *changes, overlay='hospital'):
    if changes and isinstance(changes[0], str):
        changes = (changes,)
    return Fault(control, what, overlay, list(changes))


LEADS, GATEWAY, NATS = 'Deployment/leads', 'Deployment/gateway', 'StatefulSet/nats'
OPEN_POLICY = {'apiVersion': 'networking.k8s.io/v1', 'kind': 'NetworkPolicy',
               'metadata': {'name': 'open', 'namespace': 'renxin', 'labels': {'app.kubernetes.io/part-of': 'renxin'}},
               'spec': {'podSelector': {'matchLabels': {'app.kubernetes.io/name': 'leads'}}, 'policyTypes': ['Ingress'],
                        'ingress': [{'ports': [{'port': 9090}]}]}}
CONFIG = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'more', 'namespace': 'renxin', 'labels': {'app.kubernetes.io/part-of': 'renxin'}}}

POD_FAULTS = [
    _fault('runs_as_nobody', 'a pod may run as root', LEADS, f'{POD} securityContext runAsNonRoot', False),
    _fault('runs_as_nobody', 'another user, who cannot read the secrets', LEADS, f'{POD} securityContext runAsUser', 1000),
    _fault('runs_as_nobody', 'a container overrides the user of its pod', LEADS, f'{ONE} securityContext runAsUser', 0),
    _fault('root_is_read_only', 'a root that can be written', GATEWAY, f'{ONE} securityContext readOnlyRootFilesystem', GONE),
    _fault('root_is_read_only', 'an init container with one', 'Deployment/identity', f'{POD} initContainers 0 securityContext readOnlyRootFilesystem',
           False, overlay='single'),
    _fault('no_privileges', 'privileges can grow', LEADS, f'{ONE} securityContext allowPrivilegeEscalation', True),
    _fault('no_privileges', 'a privileged broker', NATS, f'{ONE} securityContext privileged', True),
    _fault('no_capabilities', 'a capability is added', LEADS, f'{ONE} securityContext capabilities', {'drop': ['ALL'], 'add': ['NET_ADMIN']}),
    _fault('no_capabilities', 'none is dropped', 'Job/leads-migrate', f'{ONE} securityContext capabilities', GONE),
    _fault('seccomp_is_on', 'seccomp is off', LEADS, f'{POD} securityContext seccompProfile type', 'Unconfined'),
    _fault('nothing_of_the_host', 'the network of the host', GATEWAY, f'{POD} hostNetwork', True),
    _fault('nothing_of_the_host', 'a folder of the host', LEADS, f'{POD} volumes name=nats-ca', {'name': 'nats-ca', 'hostPath': {'path': '/etc'}}),
    _fault('no_account_token', 'a token of the API server in a pod', LEADS, f'{POD} automountServiceAccountToken', True),
    _fault('no_account_token', 'an account that mounts one', 'ServiceAccount/leads', 'automountServiceAccountToken', GONE),
    _fault('no_service_links', 'variables of every Service', LEADS, f'{POD} enableServiceLinks', GONE),
    _fault('image_is_pinned', 'latest', LEADS, f'{ONE} image', 'registry.hospital.internal/renxin:latest'),
    _fault('image_is_pinned', 'no tag, and a port that looks like one', LEADS, f'{ONE} image', 'registry.hospital.internal:5000/renxin'),
    _fault('image_is_pinned', 'a pull at every start', LEADS, f'{ONE} imagePullPolicy', 'Always'),
    _fault('program_is_of_the_image', 'a shell', 'Job/leads-migrate', f'{ONE} command', ['/bin/sh', '-c', 'renxin-leads --migrate-only']),
    _fault('program_is_of_the_image', 'a hook that needs sleep(1)', GATEWAY, f'{ONE} lifecycle postStart', {'exec': {'command': ['sleep', '5']}}),
    _fault('program_is_of_the_image', 'a service that is not in this tree', 'Job/leads-migrate', f'{ONE} command', ['/usr/bin/renxin-insights']),
    _fault('environment_is_read_by_somebody', 'a variable with a slip', LEADS, f'{ONE} env name=RENXIN_KEY_FILE name', 'RENXIN_KEYS_FILE'),
    _fault('environment_is_read_by_somebody', 'a setting that no program has', 'ConfigMap/renxin', 'data RENXIN_LOG_FORMAT', 'json'),
    _fault('expansions_are_defined', 'the password after the URL that uses it',
           (LEADS, f'{ONE} env -', {'name': 'APP_PASSWORD', 'valueFrom': {'secretKeyRef': {'name': 'leads', 'key': 'database-password'}}}),
           (LEADS, f'{ONE} env 0', GONE)),
    _fault('expansions_are_defined', 'a folder of a variable that is not there', LEADS, f'{ONE} volumeMounts 0 subPathExpr', '$(SERVICE)'),
    _fault('secrets_are_files', 'a secret as a variable', GATEWAY, f'{ONE} env name=RENXIN_NATS_USER',
           {'name': 'RENXIN_NATS_USER', 'valueFrom': {'secretKeyRef': {'name': 'gateway', 'key': 'nats-password'}}}),
    _fault('secrets_are_files', 'a password in the manifest', (LEADS, f'{ONE} env name=RENXIN_DATABASE_URL value', 'postgresql://renxin_leads_app:hunter2@/renxin'),
           (LEADS, f'{ONE} env name=RENXIN_KEY_FILE value', '/run/renxin/secrets/keys'), (LEADS, f'{ONE} env name=APP_PASSWORD', GONE)),
    _fault('secrets_are_files', 'a Secret with its contents', 'new', '', {**CONFIG, 'kind': 'Secret', 'metadata': {**CONFIG['metadata'], 'name': 'leaked'}}),
    _fault('secret_files_are_private', 'everybody may read the keys', LEADS, f'{POD} volumes name=secrets secret defaultMode', 0o444),
    _fault('secret_files_are_private', 'every key of a Secret in one pod', 'Deployment/membership', f'{POD} volumes name=secrets secret optional', True),
    _fault('memory_is_limited', 'no limit', LEADS, f'{ONE} resources limits', GONE),
    _fault('memory_is_limited', 'a limit of cpu', LEADS, f'{ONE} resources limits cpu', '1'),
    _fault('memory_is_limited', 'a limit below the request', GATEWAY, f'{ONE} resources limits memory', '64Mi'),
    _fault('memory_is_limited', 'no request', NATS, f'{ONE} resources requests', GONE),
    _fault('probes_are_there', 'no readiness', LEADS, f'{ONE} readinessProbe', GONE),
    _fault('probes_are_there', 'liveness that asks for the broker', LEADS, f'{ONE} livenessProbe httpGet path', '/readyz'),
    _fault('probes_are_there', 'liveness that kills a broker which catches up', NATS, f'{ONE} livenessProbe httpGet path', '/healthz'),
    _fault('start_has_its_time', 'ten seconds to start', LEADS, f'{ONE} startupProbe failureThreshold', 10),
    _fault('end_has_its_time', 'killed while it drains', GATEWAY, f'{POD} terminationGracePeriodSeconds', 30),
    _fault('gateway_waits_for_its_endpoints', 'no pause before the end', GATEWAY, f'{ONE} lifecycle', GONE),
    _fault('nats_leaves_in_good_order', 'no lame-duck mode', NATS, f'{ONE} lifecycle', GONE),
    _fault('writes_go_to_volumes', 'an emptyDir without a limit', NATS, f'{POD} volumes name=run emptyDir', {}),
    _fault('writes_go_to_volumes', 'secrets that can be written', LEADS, f'{ONE} volumeMounts name=secrets readOnly', GONE),
    _fault('jobs_end', 'a job that stays and blocks the next release', 'Job/leads-migrate', 'spec ttlSecondsAfterFinished', GONE),
    _fault('services_of_the_tree_are_deployed', 'another program in the Deployment of leads', LEADS, f'{ONE} command', ['/usr/bin/renxin-referrals']),
]

AVAILABILITY_FAULTS = [
    _fault('updates_take_nothing_away', 'an update that takes one away first', LEADS, 'spec strategy rollingUpdate maxUnavailable', 1),
    _fault('updates_take_nothing_away', 'a pause for users', GATEWAY, 'spec strategy', {'type': 'Recreate'}),
    _fault('volumes_have_one_writer', 'a new pod beside the old one on one SQLite file', LEADS, 'spec strategy',
           {'type': 'RollingUpdate', 'rollingUpdate': {'maxSurge': 1, 'maxUnavailable': 0}}, overlay='single'),
    _fault('sqlite_is_on_a_claim', 'a database beside its volume', LEADS, f'{ONE} env name=RENXIN_DATABASE_URL value', 'sqlite:/tmp/service.db',
           overlay='single'),
    _fault('disruptions_are_bounded', 'a drain may take both', 'PodDisruptionBudget/leads', 'spec maxUnavailable', 2),
    _fault('disruptions_are_bounded', 'no budget', 'PodDisruptionBudget/leads', '', GONE),
    _fault('disruptions_are_bounded', 'one replica that no drain may take', LEADS, 'spec replicas', 1),
    _fault('replicas_are_spread', 'both on one host', LEADS, f'{POD} topologySpreadConstraints', GONE),
    _fault('replicas_are_spread', 'two nodes of the broker on one host', NATS, f'{POD} affinity', GONE),
    _fault('brokers_make_a_quorum', 'one node after the other', NATS, 'spec podManagementPolicy', 'OrderedReady'),
    _fault('brokers_make_a_quorum', 'four nodes', NATS, 'spec replicas', 4),
    _fault('streams_fit_their_disk', 'a disk below the limit of the streams', NATS, 'spec volumeClaimTemplates 0 spec resources requests storage', '10Gi'),
    _fault('connections_suffice', 'too few connections', 'Cluster/postgres', 'spec postgresql parameters max_connections', '100', overlay='group'),
    _fault('postgres_is_durable', 'a commit that one machine has', 'Cluster/postgres', 'spec postgresql synchronous', GONE, overlay='group'),
    _fault('postgres_is_durable', 'what was acknowledged may be forgotten', 'Cluster/postgres', 'spec postgresql parameters synchronous_commit', 'off',
           overlay='group'),
    _fault('one_scaler_each', 'a manifest that undoes the scaler', GATEWAY, 'spec replicas', 2, overlay='group'),
    _fault('one_scaler_each', 'scaled without end', 'HorizontalPodAutoscaler/gateway', 'spec maxReplicas', 50, overlay='group'),
    _fault('scaled_consumers_exist', 'a consumer with a slip', 'ScaledObject/commissions', 'spec triggers 0 metadata consumer', 'commissions_on_settlement',
           overlay='group'),
    _fault('scaled_consumers_exist', 'nothing to fall back to', 'ScaledObject/membership', 'spec fallback', GONE, overlay='group'),
]

NETWORK_FAULTS = [
    _fault('denied_by_default', 'everything is allowed', 'NetworkPolicy/default-deny', '', GONE),
    _fault('denied_by_default', 'only what comes in is denied', 'NetworkPolicy/default-deny', 'spec policyTypes', ['Ingress']),
    _fault('only_the_gateway_is_open', 'another port of the gateway', 'NetworkPolicy/users-to-gateway', 'spec ingress 0 ports',
           [{'port': 'https', 'protocol': 'TCP'}, {'port': 8443, 'protocol': 'TCP'}]),
    _fault('only_the_gateway_is_open', 'a broker for everybody', 'NetworkPolicy/clients-to-nats', 'spec ingress 0 from', GONE),
    _fault('nobody_reaches_everywhere', 'services reach the internet', 'NetworkPolicy/to-nats', 'spec egress 0 to', GONE),
    _fault('nobody_reaches_everywhere', 'PostgreSQL is anywhere', 'NetworkPolicy/to-postgres', 'spec egress 0 to 0 ipBlock cidr', '0.0.0.0/0'),
    _fault('health_is_for_monitoring', 'metrics for every pod', 'NetworkPolicy/monitoring-to-health', 'spec ingress 0 from', [{'podSelector': {}}]),
    _fault('policies_name_ports', 'every port of the broker', 'NetworkPolicy/clients-to-nats', 'spec ingress 0 ports', GONE),
    _fault('who_uses_nats_reaches_it', 'a service that cannot reach the broker', LEADS, 'spec template metadata labels renxin/reaches-nats', GONE),
    _fault('who_uses_nats_reaches_it', 'a job that can, and need not', 'Job/leads-migrate', 'spec template metadata labels renxin/reaches-nats', 'true'),
    _fault('who_uses_postgres_reaches_it', 'a job that cannot reach its database', 'Job/leads-migrate', 'spec template metadata labels renxin/reaches-postgres',
           GONE),
    _fault('who_uses_postgres_reaches_it', 'no way out to PostgreSQL', 'NetworkPolicy/to-postgres', '', GONE),
    _fault('clients_verify_whom_they_reach', 'any PostgreSQL will do', 'ConfigMap/postgres', 'data PGSSLMODE', 'require'),
    _fault('clients_verify_whom_they_reach', 'a broker in the clear', 'ConfigMap/renxin', 'data RENXIN_NATS_CA_FILE', ''),
]

REFERENCE_FAULTS = [
    _fault('namespace_is_ours_and_restricted', 'an object in another namespace', 'Service/gateway', 'metadata namespace', 'default'),
    _fault('namespace_is_ours_and_restricted', 'a namespace that lets anything in', 'Namespace/renxin', 'metadata labels pod-security.kubernetes.io/enforce',
           'baseline'),
    _fault('names_are_unique', 'two of one name', *[('new', '', {**CONFIG, 'data': {}})] * 2),
    _fault('labels_are_complete', 'an object that no selector of the suite finds', 'Service/gateway', 'metadata labels app.kubernetes.io/part-of', GONE),
    _fault('labels_are_complete', 'pods without a part of their name', LEADS, 'spec template metadata labels app.kubernetes.io/part-of', GONE),
    _fault('workloads_select_their_own_pods', 'leads that would count the pods of all services', LEADS, 'spec selector matchLabels',
           {'app.kubernetes.io/component': 'service'}),
    _fault('services_select_pods', 'a Service with a slip in its selector', 'Service/gateway', 'spec selector app.kubernetes.io/name', 'gate'),
    _fault('budgets_select_pods', 'a budget of nobody', 'new', '',
           {**CONFIG, 'apiVersion': 'policy/v1', 'kind': 'PodDisruptionBudget', 'metadata': {**CONFIG['metadata'], 'name': 'more'},
            'spec': {'maxUnavailable': 1, 'selector': {'matchLabels': {'app.kubernetes.io/name': 'nobody'}}}}),
    _fault('policies_select_pods', 'a policy of nobody', 'NetworkPolicy/to-postgres', 'spec podSelector matchLabels app.kubernetes.io/part-of', 'suite'),
    _fault('policies_select_pods', 'a peer that nobody is', 'NetworkPolicy/between-nats-nodes', 'spec egress 0 to 0 podSelector matchLabels app.kubernetes.io/name',
           'nat'),
    _fault('ports_of_services_exist', 'a port that its pods do not have', 'Service/gateway', 'spec ports 0 targetPort', 'http'),
    _fault('ports_of_probes_exist', 'a probe of another port', LEADS, f'{ONE} readinessProbe httpGet port', 'metrics'),
    _fault('ports_of_policies_exist', 'a port with a slip', 'NetworkPolicy/clients-to-nats', 'spec ingress 0 ports 0 port', 'clients'),
    _fault('ports_of_monitors_exist', 'a port that nobody has', 'PodMonitor/renxin', 'spec podMetricsEndpoints 0 port', 'metrics'),
    _fault('backends_exist', 'a route to another port', 'HTTPRoute/gateway', 'spec rules 0 backendRefs 0 port', 8443, overlay='group'),
    _fault('backends_exist', 'a TLS policy of a Service that is not there', 'BackendTLSPolicy/gateway', 'spec targetRefs 0 name', 'edge', overlay='group'),
    _fault('nodes_have_their_service', 'nodes that are found only when ready', 'Service/nats-nodes', 'spec publishNotReadyAddresses', GONE),
    _fault('nodes_have_their_service', 'a Service of another name', NATS, 'spec serviceName', 'nats'),
    _fault('accounts_exist', 'an account that is not there', LEADS, f'{POD} serviceAccountName', 'lead'),
    _fault('volumes_are_mounted', 'a volume that nobody mounts', LEADS, f'{POD} volumes -', {'name': 'spare', 'emptyDir': {'sizeLimit': '1Mi'}}),
    _fault('volumes_are_mounted', 'a mount of nothing', NATS, f'{ONE} volumeMounts -', {'name': 'logs', 'mountPath': '/var/log'}),
    _fault('claims_exist', 'a claim that is not there', LEADS, f'{POD} volumes name=data persistentVolumeClaim claimName', 'databases', overlay='single'),
    _fault('files_of_variables_are_mounted', 'a file beside its mount', LEADS, f'{ONE} env name=RENXIN_KEY_FILE value', '/run/secrets/keys'),
    _fault('files_of_variables_are_mounted', 'a file that is not among the items', 'Job/administrator', f'{ONE} args 3', '/run/renxin/administrator/passwd'),
    _fault('config_maps_have_their_keys', 'a ConfigMap that is not there', LEADS, f'{ONE} envFrom 0 configMapRef name', 'renxin-config'),
    _fault('settings_change_names', 'a change that no pod would notice', ('ConfigMap/postgres', 'metadata name', 'postgres'),
           *((f'{kind}/{name}', f'{ONE} envFrom 1 configMapRef name', 'postgres') for kind, name in (
               *(('Deployment', name) for name in services()), *(('Job', f'{name}-migrate') for name in services()), ('Job', 'administrator')))),
    _fault('config_maps_have_their_keys', 'a key that it does not have', NATS, f'{POD} volumes name=config projected sources 0 configMap items 0 key', 'nats.cfg'),
    _fault('secrets_have_their_keys', 'a key that a Secret does not have', LEADS, f'{POD} volumes name=postgres-ca secret items 0 key', 'root.crt'),
    _fault('secrets_have_their_keys', 'keys of another name', LEADS, f'{POD} volumes name=secrets secret items 0 key', 'key-file'),
    _fault('what_is_given_is_used', 'a secret for nobody', 'ExternalSecret/leads', 'spec data -',
           {'secretKey': 'token', 'remoteRef': {'key': 'renxin/leads', 'property': 'token'}}, overlay='group'),
    _fault('operators_find_what_they_are_given', 'a certificate of nobody', 'Certificate/nats', 'spec issuerRef name', 'authority'),
    _fault('operators_find_what_they_are_given', 'a backup of another cluster', 'ScheduledBackup/postgres', 'spec cluster name', 'pg', overlay='group'),
    _fault('operators_find_what_they_are_given', 'a backup to nowhere', 'Cluster/postgres', 'spec plugins 0 parameters barmanObjectName', 'store', overlay='group'),
    _fault('certificates_name_their_hosts', 'a node that no client would believe', 'Certificate/nats', 'spec dnsNames', ['nats', 'nats-0.nats-nodes', 'nats-1.nats-nodes']),
    _fault('users_hosts_are_allowed', 'no name for users', 'ConfigMap/gateway', 'data RENXIN_ALLOWED_HOSTS', 'gateway'),
    _fault('users_hosts_are_allowed', 'a route for a name that the gateway refuses', 'HTTPRoute/gateway', 'spec hostnames -', 'www.hospital.example', overlay='group'),
]

FAULTS = POD_FAULTS + AVAILABILITY_FAULTS + NETWORK_FAULTS + REFERENCE_FAULTS

# What the schemas find, and which of the two: a document alone, so {schema, types} is what both see.
SCHEMA_FAULTS = [
    ({'types'}, _fault('types', 'an unknown field of a pod', LEADS, f'{POD} terminationGraceSeconds', 30)),
    ({'types'}, _fault('types', 'a field of a Deployment in a scaler', 'HorizontalPodAutoscaler/gateway', 'spec replicas', 2, overlay='group')),
    ({'types'}, _fault('types', 'a field of another kind', 'ScaledObject/membership', 'spec maxReplicas', 4, overlay='group')),
    ({'types'}, _fault('types', 'an unknown field of CloudNativePG', 'Cluster/postgres', 'spec replicas', 3, overlay='group')),
    ({'types'}, _fault('types', 'a number as text for CloudNativePG', 'Cluster/postgres', 'spec instances', '3', overlay='group')),
    ({'types'}, _fault('types', 'a compression that Barman does not have', 'ObjectStore/postgres', 'spec configuration data compression', 'zip', overlay='group')),
    ({'types'}, _fault('types', 'an unknown field of a certificate', 'Certificate/nats', 'spec validity', '90d')),
    ({'types'}, _fault('types', 'an unknown field of a route', 'HTTPRoute/gateway', 'spec hosts', ['a'], overlay='group')),
    ({'schema', 'types'}, _fault('schema', 'a number as text', LEADS, 'spec replicas', '2')),
    ({'schema', 'types'}, _fault('schema', 'no selector', LEADS, 'spec selector', GONE)),
    ({'schema', 'types'}, _fault('schema', 'a port that is no number', 'Service/gateway', 'spec ports 0 port', 'https')),
    ({'schema', 'types'}, _fault('schema', 'labels that are no text', LEADS, 'metadata labels app.kubernetes.io/version', 1)),
    ({'schema', 'types'}, _fault('schema', 'no issuer', 'Certificate/nats', 'spec issuerRef', GONE)),
    ({'schema', 'types'}, _fault('schema', 'a trigger without its type', 'ScaledObject/membership', 'spec triggers 0 type', GONE, overlay='group')),
    ({'schema'}, _fault('schema', 'a group of a kind that is gone', 'PodDisruptionBudget/leads', 'apiVersion', 'policy/v1beta2')),
    ({'schema'}, _fault('schema', 'a kind that nobody knows', 'ScheduledBackup/postgres', 'kind', 'Backups', overlay='group')),
]
