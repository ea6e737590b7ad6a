"""Controls of pods: what a process may do (pod security, restricted, and stricter) and how it is started, asked and ended."""
from documents import OWN, ROOT, name_of, quantity, services, variables
import re

USER = 65532
LIBPQ = {'PGHOST', 'PGPORT', 'PGSSLMODE', 'PGSSLROOTCERT'}
EXPANSION = re.compile(r'\$\(([A-Z_]+)\)')
GRACE = {'gateway': 45, 'service': 30, 'broker': 60}


def runs_as_nobody(documents):
    for pod in documents.pods():
        context = pod.spec.get('securityContext', {})
        for key, wanted in (('runAsNonRoot', True), ('runAsUser', USER), ('runAsGroup', USER), ('fsGroup', USER)):
            if context.get(key) != wanted:
                yield pod.where, f'{key} must be {wanted}'
    for _, where, container, _ in documents.containers():
        for key in ('runAsUser', 'runAsNonRoot', 'runAsGroup'):
            if key in container.get('securityContext', {}):
                yield where, f'{key} is the pod\'s to say'


def root_is_read_only(documents):
    for _, where, container, _ in documents.containers():
        if container.get('securityContext', {}).get('readOnlyRootFilesystem') is not True:
            yield where, 'readOnlyRootFilesystem must be true'


def no_privileges(documents):
    for _, where, container, _ in documents.containers():
        context = container.get('securityContext', {})
        if context.get('allowPrivilegeEscalation') is not False or context.get('privileged'):
            yield where, 'allowPrivilegeEscalation must be false, and privileged absent'


def no_capabilities(documents):
    for _, where, container, _ in documents.containers():
        if container.get('securityContext', {}).get('capabilities') != {'drop': ['ALL']}:
            yield where, 'capabilities must be {drop: [ALL]}'


def seccomp_is_on(documents):
    for pod in documents.pods():
        if pod.spec.get('securityContext', {}).get('seccompProfile') != {'type': 'RuntimeDefault'}:
            yield pod.where, 'seccompProfile must be RuntimeDefault'


def nothing_of_the_host(documents):
    for pod in documents.pods():
        for key in ('hostNetwork', 'hostPID', 'hostIPC'):
            if pod.spec.get(key):
                yield pod.where, key
        for volume in pod.spec.get('volumes', []):
            if 'hostPath' in volume:
                yield pod.where, f'volume {volume["name"]} is a hostPath'
    for _, where, container, _ in documents.containers():
        if any('hostPort' in port for port in container.get('ports', [])):
            yield where, 'hostPort'


def no_account_token(documents):
    for pod in documents.pods():
        if pod.spec.get('automountServiceAccountToken') is not False:
            yield pod.where, 'automountServiceAccountToken must be false: no process speaks with the API server'
    for account in documents.of_kind('ServiceAccount'):
        if account.get('automountServiceAccountToken') is not False:
            yield name_of(account), 'automountServiceAccountToken must be false'


def no_service_links(documents):
    for pod in documents.pods():
        if pod.spec.get('enableServiceLinks') is not False:
            yield pod.where, 'enableServiceLinks must be false: a Service\'s variables could hide ours'


def image_is_pinned(documents):
    for _, where, container, _ in documents.containers():
        image = container.get('image', '')
        if '@sha256:' not in image and (not re.search(r':[\w.-]+$', image) or image.endswith(':latest')):
            yield where, f'{image} has neither a tag nor a digest'
        if container.get('imagePullPolicy') != 'IfNotPresent':
            yield where, 'imagePullPolicy must be IfNotPresent: a node without a registry starts what it has'


def program_is_of_the_image(documents):
    """The image has no shell: a command is one of our programs, in hooks too."""
    known = {f'/usr/bin/renxin-{name}' for name in (*services(), 'gateway')} | {'/usr/bin/renxin', '/usr/bin/nats-server'}
    for _, where, container, _ in documents.containers():
        commands = [container.get('command') or ['']]
        for hook in container.get('lifecycle', {}).values():
            commands += [hook['exec'].get('command') or ['']] if 'exec' in hook else []
        for probe in ('startupProbe', 'readinessProbe', 'livenessProbe'):
            commands += [container[probe]['exec'].get('command') or ['']] if 'exec' in container.get(probe, {}) else []
        for command in commands:
            if not OWN.fullmatch(command[0]) or command[0] not in known:
                yield where, f'no such program in the image: {command[0] or "none named"}'


def environment_is_read_by_somebody(documents):
    """Names of docs/configuration.md and of libpq; any other is there to be put into a value."""
    for _, where, container, _ in documents.containers():
        expanded = {name for each in container.get('env', []) for name in EXPANSION.findall(each.get('value') or '')}
        served_by_nats = container.get('command') == ['/usr/bin/nats-server']
        for each in container.get('env', []):
            name = each['name']
            if name not in variables() | LIBPQ | expanded and not (served_by_nats and name == 'POD_NAME'):
                yield where, f'nobody reads {name}'
    for config in documents.of_kind('ConfigMap'):
        for name in config.get('data', {}):
            if name.isupper() and name not in variables() | LIBPQ:
                yield name_of(config), f'nobody reads {name}'


def expansions_are_defined(documents):
    """$(NAME) stays as it is where NAME does not stand before it."""
    for _, where, container, _ in documents.containers():
        before = set()
        for each in container.get('env', []):
            for name in EXPANSION.findall(each.get('value') or ''):
                if name not in before:
                    yield where, f'{each["name"]} uses $({name}), which is not defined before it'
            before.add(each['name'])
        for mount in container.get('volumeMounts', []):
            for name in EXPANSION.findall(mount.get('subPathExpr') or ''):
                if name not in before:
                    yield where, f'subPathExpr uses $({name}), which is no variable'


def secrets_are_files(documents):
    """But for passwords that a connection URL needs; and none stands in a manifest."""
    for _, where, container, _ in documents.containers():
        in_urls = {name for each in container.get('env', []) if each['name'].endswith('DATABASE_URL')
                   for name in EXPANSION.findall(each.get('value') or '')}
        for each in container.get('env', []):
            if 'secretKeyRef' in each.get('valueFrom', {}) and each['name'] not in in_urls:
                yield where, f'{each["name"]} is a secret in the environment'
            if re.search(r'://[^:/@]+:(?!\$\()[^@/]+@', each.get('value') or ''):
                yield where, f'{each["name"]} holds a password'
        if any('secretRef' in each for each in container.get('envFrom', [])):
            yield where, 'envFrom of a Secret'
    for secret in documents.of_kind('Secret'):
        yield name_of(secret), 'a Secret with its contents in the manifests'


def secret_files_are_private(documents):
    for pod in documents.pods():
        for volume in pod.spec.get('volumes', []):
            source = volume.get('secret') or (volume.get('projected') if 'projected' in volume else None)
            if source is None:
                continue
            if source.get('defaultMode') != 0o440:
                yield pod.where, f'volume {volume["name"]}: defaultMode must be 0440'
            if 'secret' in volume and (source.get('optional') is not False or not source.get('items')):
                yield pod.where, f'volume {volume["name"]}: optional must be false, and its items named'


def memory_is_limited(documents):
    for _, where, container, _ in documents.containers():
        resources = container.get('resources', {})
        requests, limits = resources.get('requests', {}), resources.get('limits', {})
        if not requests.get('cpu') or not quantity(requests.get('memory')):
            yield where, 'requests need cpu and memory'
        if not quantity(limits.get('memory')) or quantity(limits['memory']) < (quantity(requests.get('memory')) or 0):
            yield where, 'limits need memory, not below the request'
        if 'cpu' in limits:
            yield where, 'a limit of cpu only makes it slow'


def probes_are_there(documents):
    """Ready asks what it stands on, live only whether the process answers: else an outage of the broker kills every pod."""
    for _, where, container, serves in documents.containers():
        if not serves:
            continue
        for probe in ('startupProbe', 'readinessProbe', 'livenessProbe'):
            if 'httpGet' not in container.get(probe, {}):
                yield where, f'no {probe} by HTTP'
        live, ready = (container.get(probe, {}).get('httpGet', {}).get('path', '') for probe in ('livenessProbe', 'readinessProbe'))
        nats = container.get('command') == ['/usr/bin/nats-server']
        if nats and live != '/healthz?js-enabled-only=true':
            yield where, f'liveness of nats-server asks {live}: it would kill a node that is catching up'
        if not nats and (live, ready) not in (('/livez', '/readyz'), ('', '/readyz'), ('/livez', ''), ('', '')):
            yield where, f'liveness asks {live}, readiness {ready}: they must be /livez and /readyz'


def start_has_its_time(documents):
    """A migration of a large table, a broker that catches up."""
    for pod, where, container, serves in documents.containers():
        probe = container.get('startupProbe', {})
        wanted = 900 if pod.labels.get('app.kubernetes.io/component') == 'broker' else 60
        if serves and probe and probe.get('periodSeconds', 10) * probe.get('failureThreshold', 3) < wanted:
            yield where, f'startupProbe gives less than {wanted} s'


def end_has_its_time(documents):
    for pod in documents.pods():
        wanted = GRACE.get(pod.labels.get('app.kubernetes.io/component'), 30)
        if pod.spec.get('terminationGracePeriodSeconds', 0) < wanted:
            yield pod.where, f'terminationGracePeriodSeconds must be {wanted} at least'


def gateway_waits_for_its_endpoints(documents):
    for pod in documents.pods():
        for container in pod.spec.get('containers', []):
            pause = container.get('lifecycle', {}).get('preStop', {}).get('sleep', {}).get('seconds', 0)
            if pod.is_gateway() and pause < 5:
                yield pod.where, 'preStop must sleep 5 s: endpoints lag behind SIGTERM, and requests would be lost'


def nats_leaves_in_good_order(documents):
    for pod in documents.pods():
        if pod.labels.get('app.kubernetes.io/component') != 'broker':
            continue
        hook = pod.spec['containers'][0].get('lifecycle', {}).get('preStop', {}).get('exec', {}).get('command', [])
        if not any(part.startswith('ldm=') for part in hook):
            yield pod.where, 'preStop must ask nats-server for lame-duck mode'


def writes_go_to_volumes(documents):
    """A mount that is written to is a claim, or an emptyDir with a limit."""
    for pod in documents.pods():
        volumes = {each['name']: each for each in pod.spec.get('volumes', [])}
        for volume in volumes.values():
            if 'emptyDir' in volume and not (volume['emptyDir'] or {}).get('sizeLimit'):
                yield pod.where, f'emptyDir {volume["name"]} has no sizeLimit'
        for where, container, _ in pod.containers():
            for mount in container.get('volumeMounts', []):
                volume = volumes.get(mount['name'], {})
                if {'secret', 'configMap', 'projected'} & set(volume) and not mount.get('readOnly'):
                    yield where, f'{mount["mountPath"]} must be mounted readOnly'


def jobs_end(documents):
    for job in documents.of_kind('Job'):
        spec = job['spec']
        if spec['template']['spec'].get('restartPolicy') != 'OnFailure' or not spec.get('backoffLimit') or not spec.get('ttlSecondsAfterFinished'):
            yield name_of(job), 'a Job needs restartPolicy OnFailure, backoffLimit, and ttlSecondsAfterFinished: it is applied again by the next release'


def services_of_the_tree_are_deployed(documents):
    """A service that is added to the tree has its folder in k8s/base and its line there."""
    for name in (*services(), 'gateway'):
        deployment = documents.find('Deployment', name)
        command = deployment['spec']['template']['spec']['containers'][0].get('command') if deployment else None
        if command != [f'/usr/bin/renxin-{name}']:
            yield f'Deployment/{name}', f'services/{name} is not deployed by k8s/base/{name}'
    assert (ROOT / 'services').is_dir()


POD_CONTROLS = (runs_as_nobody, root_is_read_only, no_privileges, no_capabilities, seccomp_is_on, nothing_of_the_host, no_account_token,
                no_service_links, image_is_pinned, program_is_of_the_image, environment_is_read_by_somebody, expansions_are_defined,
                secrets_are_files, secret_files_are_private, memory_is_limited, probes_are_there, start_has_its_time, end_has_its_time,
                gateway_waits_for_its_endpoints, nats_leaves_in_good_order, writes_go_to_volumes, jobs_end, services_of_the_tree_are_deployed)
