"""Controls of alerts and dashboards: what Prometheus's own tool says of every expression, and what we ask beyond that."""
import json
import re
import subprocess
import tempfile

from documents import ROOT

K8S = ROOT / 'k8s'
RULES = K8S / 'components/monitoring/rules.yaml'
RUNBOOK_HEADINGS = ['What it means', 'What users feel', 'Look', 'Do', 'Undo', 'When to wake whom']
# Of whom, beside our processes (docs/metrics.md).
OF_THE_CLUSTER = {
    'up': 'Prometheus',
    'kube_deployment_status_replicas_available': 'kube-state-metrics', 'kube_deployment_status_replicas_unavailable': 'kube-state-metrics',
    'kube_job_status_failed': 'kube-state-metrics', 'kube_pod_container_resource_limits': 'kube-state-metrics',
    'kube_pod_container_status_restarts_total': 'kube-state-metrics',
    'kube_statefulset_replicas': 'kube-state-metrics', 'kube_statefulset_status_replicas_ready': 'kube-state-metrics',
    'container_memory_working_set_bytes': 'kubelet', 'container_cpu_usage_seconds_total': 'kubelet',
    'kubelet_volume_stats_available_bytes': 'kubelet', 'kubelet_volume_stats_capacity_bytes': 'kubelet',
    'certmanager_certificate_expiration_timestamp_seconds': 'cert-manager',
    'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp': 'Barman Cloud plug-in',
}
_WORDS = {'by', 'on', 'and', 'or', 'unless', 'offset', 'without', 'le', 'ignoring', 'group_left', 'bool'}
_NAME = re.compile(r'\b[a-z_][a-z0-9_]*\b(?!\s*\()')


def groups(parse):
    return parse([RULES.read_text(encoding='utf-8')])[0][0]['spec']['groups']


def alerts(rule_groups):
    return [rule for group in rule_groups for rule in group['rules']]


def runbook_of(alert):
    return 'k8s/runbooks/' + re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '-', alert).lower() + '.md'


def documented_metrics():
    return set(re.findall(r'^\| `(renxin_\w+)`', (ROOT / 'docs/metrics.md').read_text(encoding='utf-8'), re.MULTILINE))


def metrics_of(expression):
    """Names of series of an expression: what is left without texts, labels, ranges and functions."""
    bare = re.sub(r'"[^"]*"', '', expression)
    bare = re.sub(r'\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|without|ignoring)\s*\([^)]*\)', ' ', bare)
    return {name for name in _NAME.findall(bare) if name not in _WORDS and len(name) > 1}


def expressions_use_known_metrics(rule_groups, dashboards):
    """A series that nobody exports makes an alert that never fires, and a panel that is always empty."""
    documented = documented_metrics()
    known = documented | set(OF_THE_CLUSTER) | {name + suffix for name in documented for suffix in ('_bucket', '_count', '_sum')
                                                 if name.endswith(('_seconds', '_jobs'))}
    pairs = [(f'alert {rule["alert"]}', rule['expr']) for rule in alerts(rule_groups)] + list(expressions_of(dashboards))
    for where, expression in pairs:
        for name in sorted(metrics_of(expression) - known):
            yield where, f'nobody exports {name}'


def alerts_say_what_to_do(rule_groups, _):
    for rule in alerts(rule_groups):
        name, labels, annotations = rule['alert'], rule.get('labels', {}), rule.get('annotations', {})
        if not re.fullmatch(r'\d+[smh]', str(rule.get('for', ''))):
            yield name, 'no `for`: one bad sample would wake somebody'
        if labels.get('severity') not in ('page', 'ticket'):
            yield name, 'severity must be page or ticket'
        if not re.search(r'[\u4e00-\u9fff]{4,}', annotations.get('summary', '')):
            yield name, 'the summary is in Chinese: who is on duty reads it on a phone'
        if annotations.get('runbook') != runbook_of(name):
            yield name, f'runbook must be {runbook_of(name)}'


def runbooks_are_complete(rule_groups, _):
    """One page an alert, every page of an alert, with the same headings and none of them empty."""
    wanted = {runbook_of(rule['alert']) for rule in alerts(rule_groups)}
    there = {str(path.relative_to(ROOT)) for path in (K8S / 'runbooks').glob('*.md')} - {'k8s/runbooks/README.md'}
    for path in sorted(wanted ^ there):
        yield path, 'is not there' if path in wanted else 'is of no alert'
    for path in sorted(wanted & there):
        text = (ROOT / path).read_text(encoding='utf-8')
        parts = re.split(r'^## (.+)\n', text, flags=re.MULTILINE)
        if parts[1::2] != RUNBOOK_HEADINGS:
            yield path, f'headings must be {", ".join(RUNBOOK_HEADINGS)}'
        for heading, body in zip(parts[1::2], parts[2::2]):
            if len(body.split()) < 3:
                yield path, f'says nothing under {heading}'


def unknown_routes(text, api):
    """Routes that a page names and the interface does not have, with the fields of their query."""
    for verb, path, query in re.findall(r'\b(GET|POST) (/v1/[\w/{}:-]+)(?:\?([\w=&]+))?', text):
        operation = api['paths'].get(path, {}).get(verb.lower())
        fields = {_resolved(api, each).get('name') for each in (operation or {}).get('parameters', [])}
        if operation is None or any(pair.split('=')[0] not in fields for pair in query.split('&') if query):
            yield f'{verb} {path}{"?" + query if query else ""}'


def _resolved(api, value):
    while '$ref' in value:
        for word in value['$ref'].split('/')[1:]:
            api = api[word]
        value = api
    return value


def runbooks_name_real_routes(rule_groups, _):
    api = json.loads((ROOT / 'docs/generated/openapi.json').read_text(encoding='utf-8'))
    for path in {runbook_of(rule['alert']) for rule in alerts(rule_groups)}:
        if (ROOT / path).is_file():
            for route in unknown_routes((ROOT / path).read_text(encoding='utf-8'), api):
                yield path, f'no such route: {route}'


def read_dashboards():
    return {path.name: json.loads(path.read_text(encoding='utf-8')) for path in sorted((K8S / 'components/dashboards').glob('*.json'))}


def expressions_of(dashboards):
    for name, dashboard in dashboards.items():
        for panel in dashboard.get('panels', []):
            for target in panel.get('targets', []):
                yield f'{name}: {panel.get("title")}', target['expr'].replace('$__rate_interval', '5m')


def dashboards_can_be_provisioned(_, dashboards):
    """A fixed uid, the data source a variable, titles in Chinese, no two panels on one place."""
    uids = [dashboard.get('uid') for dashboard in dashboards.values()]
    for name, dashboard in dashboards.items():
        if not re.fullmatch(r'renxin-[a-z]+', dashboard.get('uid') or '') or uids.count(dashboard['uid']) > 1:
            yield name, 'uid must be renxin-…, and its own'
        if not any(each.get('type') == 'datasource' for each in dashboard.get('templating', {}).get('list', [])):
            yield name, 'the data source must be a variable'
        seen, taken = set(), set()
        for panel in dashboard.get('panels', []):
            title, place = panel.get('title', ''), panel['gridPos']
            if panel['id'] in seen or not re.search('[\u4e00-\u9fff]', title):
                yield f'{name}: {title}', 'a panel has an id of its own and a title in Chinese'
            seen.add(panel['id'])
            cells = {(x, y) for x in range(place['x'], place['x'] + place['w']) for y in range(place['y'], place['y'] + place['h'])}
            if taken & cells or place['x'] + place['w'] > 24:
                yield f'{name}: {title}', 'lies on another panel, or beside the page'
            taken |= cells
            if panel['type'] != 'text' and (panel.get('datasource', {}).get('uid') != '${datasource}' or not panel.get('targets')):
                yield f'{name}: {title}', 'its data source must be ${datasource}, and it must ask something'


def dashboards_lead_to_runbooks(_, dashboards):
    """Each opens with the first question of a page."""
    for name, dashboard in dashboards.items():
        first = min(dashboard.get('panels', []), key=lambda panel: (panel['gridPos']['y'], panel['gridPos']['x']))
        links = re.findall(r'k8s/runbooks/[\w-]+\.md', first.get('options', {}).get('content', ''))
        if first['type'] != 'text' or not links:
            yield name, 'must open with the first question and its runbook'
        for link in links:
            if not (ROOT / link).is_file():
                yield name, f'no such page: {link}'


MONITORING_CONTROLS = {control.__name__: control for control in (
    expressions_use_known_metrics, alerts_say_what_to_do, runbooks_are_complete, runbooks_name_real_routes,
    dashboards_can_be_provisioned, dashboards_lead_to_runbooks)}


def run_promtool(promtool, what, files):
    """Its output where it is not content, else an empty text. JSON is YAML, so what is handed over is JSON."""
    with tempfile.TemporaryDirectory(prefix='renxin-rules-') as folder:
        for name, content in files.items():
            with open(f'{folder}/{name}', 'w', encoding='utf-8') as out:
                json.dump(content, out, ensure_ascii=False)
        done = subprocess.run([str(promtool), what, 'rules', *(f'{folder}/{name}' for name in files if what == 'check' or name.startswith('test'))],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return '' if done.returncode == 0 else done.stdout.strip()


def as_recording_rules(dashboards):
    """Every expression of every panel, as Prometheus would read it."""
    rules = [{'record': f'panel:{number}', 'expr': expression} for number, (_, expression) in enumerate(expressions_of(dashboards))]
    return {'groups': [{'name': 'panels', 'rules': rules}]}


def check(promtool, parse):
    """Sentences, one for each thing that is wrong."""
    rule_groups, dashboards = groups(parse), read_dashboards()
    wrong = [f'monitoring: {name}: {where}: {what}' for name, control in MONITORING_CONTROLS.items() for where, what in control(rule_groups, dashboards)]
    said = run_promtool(promtool, 'check', {'rules.yaml': {'groups': rule_groups}, 'panels.yaml': as_recording_rules(dashboards)})
    return wrong + ([f'monitoring: promtool: {said}'] if said else [])
