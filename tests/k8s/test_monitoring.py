"""Every alert fires, keeps silent, and does what it must when its series is absent, by promtool's own evaluation; rules, runbooks and
dashboards are complete, and each control of theirs finds what is planted."""
import copy
import re
import unittest

import kubernetes
import kubernetes_tools as tools
import monitoring
from alert_cases import CASES

tools.ensure()
GROUPS = monitoring.groups(kubernetes.parse)
DASHBOARDS = monitoring.read_dashboards()


def promtool(what, **files):
    return monitoring.run_promtool(tools.promtool(), what, {f'{name}.yaml': content for name, content in files.items()})


def expected(rule, labels):
    return {'exp_labels': {**labels, **rule['labels']}, 'exp_annotations': rule['annotations']}


def unit(rule, series, at, firing):
    return {'interval': '1m', 'input_series': [{'series': name, 'values': values} for name, values in series.items()],
            'alert_rule_test': [{'eval_time': at, 'alertname': rule['alert'], 'exp_alerts': firing}]}


def outcomes(rule, case):
    """The three tests of an alert, by name."""
    fires = [expected(rule, case.labels)]
    return {'fires': unit(rule, case.fires, case.at, fires), 'is silent': unit(rule, case.silent, case.at, []),
            'series absent': unit(rule, {}, case.at, fires if case.fires_when_absent else [])}


class Alerts(unittest.TestCase):
    def test_every_alert_has_its_cases(self):
        self.assertEqual([rule['alert'] for rule in monitoring.alerts(GROUPS)], list(CASES))

    def run_all(self, rules, wanted=('fires', 'is silent', 'series absent')):
        """Each alert alone in a file of rules, with its tests beside it; one run of promtool."""
        files = {}
        for rule, original in zip(rules, monitoring.alerts(GROUPS)):
            name = original['alert']
            tests = [test for outcome, test in outcomes(original, CASES[name]).items() if outcome in wanted]
            files[f'rules_{name}'] = {'groups': [{'name': name, 'rules': [rule]}]}
            files[f'test_{name}'] = {'rule_files': [f'rules_{name}.yaml'], 'evaluation_interval': '1m', 'tests': tests}
        return promtool('test', **files)

    def test_each_fires_keeps_silent_and_bears_the_absence_of_its_series(self):
        self.assertEqual('', self.run_all(monitoring.alerts(GROUPS)))

    def test_promtool_would_see_an_alert_that_never_fires(self):
        """Else the test above could not fail."""
        said = self.run_all([rule | {'expr': 'vector(0) > 1'} for rule in monitoring.alerts(GROUPS)], ('fires',))
        self.assertEqual(set(re.findall(r'alertname: (\w+), time', said)), set(CASES))

    def test_promtool_would_see_an_alert_that_always_fires(self):
        said = self.run_all([rule | {'expr': 'vector(1)', 'for': '0m'} for rule in monitoring.alerts(GROUPS)], ('is silent',))
        self.assertEqual(set(re.findall(r'alertname: (\w+), time', said)), set(CASES))

    def test_pages_are_few(self):
        pages = [rule['alert'] for rule in monitoring.alerts(GROUPS) if rule['labels']['severity'] == 'page']
        self.assertLess(len(pages), len(CASES) / 2)


class Complete(unittest.TestCase):
    def test_nothing_is_wrong(self):
        self.assertEqual([], monitoring.check(tools.promtool(), kubernetes.parse))
        self.assertGreaterEqual(len(DASHBOARDS), 5)

    def changed(self, change):
        groups, dashboards = copy.deepcopy(GROUPS), copy.deepcopy(DASHBOARDS)
        change(groups[0]['rules'][0], next(iter(dashboards.values())))
        return groups, dashboards

    def test_each_control_finds_what_is_planted(self):
        planted = [
            ('expressions_use_known_metrics', lambda rule, _: rule.update(expr='renxin_outbox_oldest > 60')),
            ('expressions_use_known_metrics', lambda _, board: board['panels'][1]['targets'][0].update(expr='sum(rate(renxin_http_request_total[5m]))')),
            ('alerts_say_what_to_do', lambda rule, _: rule.pop('for')),
            ('alerts_say_what_to_do', lambda rule, _: rule['labels'].update(severity='warning')),
            ('alerts_say_what_to_do', lambda rule, _: rule['annotations'].update(summary='the gateway is down')),
            ('alerts_say_what_to_do', lambda rule, _: rule['annotations'].pop('runbook')),
            ('dashboards_can_be_provisioned', lambda _, board: board.update(uid=None)),
            ('dashboards_can_be_provisioned', lambda _, board: board['templating'].update(list=[])),
            ('dashboards_can_be_provisioned', lambda _, board: board['panels'][1].update(gridPos=board['panels'][2]['gridPos'])),
            ('dashboards_can_be_provisioned', lambda _, board: board['panels'][1].update(datasource={'uid': 'prometheus'})),
            ('dashboards_lead_to_runbooks', lambda _, board: board['panels'][0]['options'].update(content='k8s/runbooks/nothing.md')),
            ('runbooks_are_complete', lambda rule, _: rule.update(alert='GatewayGone')),
        ]
        self.assertEqual({name for name, _ in planted} | {'runbooks_name_real_routes'}, set(monitoring.MONITORING_CONTROLS))
        for name, change in planted:
            groups, dashboards = self.changed(change)
            self.assertTrue(list(monitoring.MONITORING_CONTROLS[name](groups, dashboards)), name)

    def test_a_route_that_is_not_there_is_found_in_a_page(self):
        api = {'paths': {'/v1/a': {'get': {'parameters': [{'name': 'state'}, {'$ref': '#/parts/day'}]}}}, 'parts': {'day': {'name': 'day'}}}
        for text, wanted in (('`GET /v1/a?state=X&day=1`', []), ('GET /v1/a', []), ('POST /v1/a', ['POST /v1/a']), ('GET /v1/b', ['GET /v1/b']),
                             ('GET /v1/a?status=X', ['GET /v1/a?status=X'])):
            self.assertEqual(list(monitoring.unknown_routes(text, api)), wanted)

    def test_promtool_finds_a_panel_and_an_alert_that_it_cannot_read(self):
        groups, dashboards = self.changed(lambda rule, board: board['panels'][1]['targets'][0].update(expr='sum(rate(up[5m])'))
        self.assertIn('panels', promtool('check', panels=monitoring.as_recording_rules(dashboards)))
        groups, _ = self.changed(lambda rule, board: rule.update(expr='rate(up) > 1'))
        self.assertIn('range vector', promtool('check', rules={'groups': groups}))


if __name__ == '__main__':
    unittest.main()
