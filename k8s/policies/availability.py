"""Controls of what runs how often, where, and how it is replaced."""
from documents import consumers, matches, name_of, quantity, services

LANES_READERS_AND_THREE = 3 + 4 + 3
STREAM_GIB = 4


def _writes_a_volume(pod):
    return any('persistentVolumeClaim' in volume for volume in pod.spec.get('volumes', []))


def updates_take_nothing_away(documents):
    """A new pod is ready before an old one goes, but where two must never be."""
    for pod in documents.served_pods():
        if pod.owner['kind'] != 'Deployment' or _writes_a_volume(pod):
            continue
        strategy = pod.owner['spec'].get('strategy', {})
        rolling = strategy.get('rollingUpdate', {})
        if strategy.get('type') != 'RollingUpdate' or rolling.get('maxUnavailable') != 0 or not rolling.get('maxSurge'):
            yield pod.where, 'strategy must be RollingUpdate with maxUnavailable 0 and maxSurge 1'


def volumes_have_one_writer(documents):
    """A SQLite file, the file of the log channel: one pod, and the old one is gone before the new one starts."""
    for pod in documents.served_pods():
        if pod.owner['kind'] == 'Deployment' and _writes_a_volume(pod):
            spec = pod.owner['spec']
            if documents.replicas(pod.owner) != 1 or spec.get('strategy', {}).get('type') != 'Recreate':
                yield pod.where, 'what writes to a claim has one replica and strategy Recreate'


def sqlite_is_on_a_claim(documents):
    for pod, where, container, _ in documents.containers():
        for each in container.get('env', []):
            if (each.get('value') or '').startswith('sqlite:'):
                path = each['value'].removeprefix('sqlite:')
                mounts = [mount for mount in container.get('volumeMounts', []) if path.startswith(mount['mountPath'] + '/')]
                claims = {volume['name'] for volume in pod.spec.get('volumes', []) if 'persistentVolumeClaim' in volume}
                if not any(mount['name'] in claims for mount in mounts):
                    yield where, f'{path} lies on no claim: the next start would find an empty database'


def disruptions_are_bounded(documents):
    """Who runs twice has one budget that lets one go; who runs once has none, or no node could ever be emptied."""
    for pod in documents.served_pods():
        budgets = [each for each in documents.of_kind('PodDisruptionBudget') if matches(each['spec'].get('selector'), pod.labels)]
        if documents.replicas(pod.owner) > 1 and [each['spec'].get('maxUnavailable') for each in budgets] != [1]:
            yield pod.where, 'needs one PodDisruptionBudget with maxUnavailable 1'
        if documents.replicas(pod.owner) == 1 and budgets:
            yield pod.where, 'one replica and a PodDisruptionBudget: a drain of its node would wait for ever'


def replicas_are_spread(documents):
    for pod in documents.served_pods():
        if documents.replicas(pod.owner) < 2:
            continue
        rules = [each for each in pod.spec.get('topologySpreadConstraints', [])]
        affinity = pod.spec.get('affinity', {}).get('podAntiAffinity', {})
        rules += affinity.get('requiredDuringSchedulingIgnoredDuringExecution', [])
        if not any(each.get('topologyKey') == 'kubernetes.io/hostname' and each.get('labelSelector') and matches(each['labelSelector'], pod.labels)
                   for each in rules):
            yield pod.where, 'its pods may all lie on one host'


def brokers_make_a_quorum(documents):
    for broker in documents.of_kind('StatefulSet'):
        spec = broker['spec']
        if spec.get('podManagementPolicy') != 'Parallel':
            yield name_of(broker), 'podManagementPolicy must be Parallel: one after the other never makes a quorum'
        if spec.get('replicas', 1) % 2 == 0:
            yield name_of(broker), 'an even number of nodes has no better quorum than one fewer'


def streams_fit_their_disk(documents):
    """`renxin nats-config` grants 4 GiB a service and 4 more; a disk below that is full before the limit."""
    for broker in documents.of_kind('StatefulSet'):
        for claim in broker['spec'].get('volumeClaimTemplates', []):
            wanted = (len(services()) + 1) * STREAM_GIB
            if quantity(claim['spec']['resources']['requests']['storage']) < wanted << 30:
                yield name_of(broker), f'claim {claim["metadata"]["name"]} must hold {wanted}Gi'


def connections_suffice(documents):
    for cluster in documents.of_kind('Cluster'):
        pods = sum(documents.most(pod.owner) + 1 for pod in documents.served_pods()
                   if pod.labels.get('renxin/reaches-postgres') == 'true')
        given = int(cluster['spec']['postgresql']['parameters']['max_connections'])
        if given < pods * LANES_READERS_AND_THREE:
            yield name_of(cluster), f'max_connections {given}: {pods} pods may open {pods * LANES_READERS_AND_THREE}'


def postgres_is_durable(documents):
    for cluster in documents.of_kind('Cluster'):
        synchronous = cluster['spec']['postgresql'].get('synchronous', {})
        if cluster['spec']['instances'] < 3 or synchronous.get('dataDurability') != 'required':
            yield name_of(cluster), 'three instances, and a commit that waits for a second one (dataDurability: required)'
        for name, wanted in (('fsync', 'on'), ('synchronous_commit', 'on'), ('full_page_writes', 'on')):
            if cluster['spec']['postgresql']['parameters'].get(name, wanted) != wanted:
                yield name_of(cluster), f'{name} must be on: our services refuse to start'


def one_scaler_each(documents):
    """What a scaler counts is not also counted by the manifest; small, never to nothing."""
    seen = set()
    for scaler in documents.of_kind('HorizontalPodAutoscaler', 'ScaledObject'):
        spec, where = scaler['spec'], name_of(scaler)
        target = spec['scaleTargetRef']['name']
        if target in seen:
            yield where, f'{target} has two scalers'
        seen.add(target)
        deployment = documents.find('Deployment', target)
        if not deployment:
            yield where, f'scales Deployment/{target}, which is not there'
        elif 'replicas' in deployment['spec']:
            yield where, f'Deployment/{target} has replicas of its own: each apply would undo the scaler'
        least, most = spec.get('minReplicas', spec.get('minReplicaCount', 0)), spec.get('maxReplicas', spec.get('maxReplicaCount', 100))
        if least < 2 or most > 6:
            yield where, 'at least 2, at most 6'


def scaled_consumers_exist(documents):
    """One that does not exist scales to the maximum; and where the figures cannot be had, there must be a number."""
    for scaler in documents.of_kind('ScaledObject'):
        if not scaler['spec'].get('fallback'):
            yield name_of(scaler), 'no fallback'
        for trigger in scaler['spec']['triggers']:
            data = trigger['metadata']
            if (data['stream'], data['consumer']) not in consumers():
                yield name_of(scaler), f'the contract has no consumer {data["consumer"]} of {data["stream"]}'
            if data['account'] != 'RENXIN':
                yield name_of(scaler), 'the account is RENXIN (renxin nats-config)'


AVAILABILITY_CONTROLS = (updates_take_nothing_away, volumes_have_one_writer, sqlite_is_on_a_claim, disruptions_are_bounded, replicas_are_spread,
                         brokers_make_a_quorum, streams_fit_their_disk, connections_suffice, postgres_is_durable, one_scaler_each,
                         scaled_consumers_exist)
