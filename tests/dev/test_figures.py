"""What `./dev real` makes of the gateway's answers, against the shape of expected.json."""
import io
import json
import unittest

from compare import compare, differences
from figures import figures_of
from real import days_asked

REPORT = {'files': [{'kind': 'leads', 'operation': 'leads.1', 'report': {'read': 3, 'created': 1, 'updated': 0, 'unchanged': 1, 'refused': 1}},
                    {'kind': 'staff', 'operation': 'identity.1', 'report': {'read': 3, 'created': 3}}], 'finish': []}
ANSWERS = {
    '/v1/customers:count': {'customers': '2', 'households_proposed': '0'},
    '/v1/leads:count': {'counts': [{'key': 'online', 'count': '2'}, {'key': '', 'count': '1'}], 'total': '3'},
    '/v1/visits:count': {'counts': [{'key': 'R1', 'count': '1'}]},
    '/v1/appointments:count': {'days': [{'day': '2016-04-29', 'appointments': '2', 'arrived': '1'}], 'total': '2', 'arrived': '1',
                               'no_show': '1', 'arrival_rate_bp': '5000'},
    '/v1/settlements:summary': {'months': [{'month': '2010-12', 'sales_fen': '10001', 'refunds_fen': '-5'},
                                           {'month': '2011-01', 'sales_fen': '0', 'refunds_fen': '0'}],
                                'refunds': '1', 'net_total_fen': '9996', 'customers_with_net_below_zero': '0'},
    '/v1/members:count': {'members': '3', 'factor_a': '2', 'factor_b': '0', 'counts': [{'key': 'AA', 'count': '1'}, {'key': 'B', 'count': '2'}]},
    '/v1/settlements:rank': {'customers': [{'customer_no': 'C1', 'net_fen': '9996'}]},
    '/v1/statements/2010-12': {'statements': [{'staff_no': 'R1', 'plan': 'plan-a', 'performance_fen': '9996', 'commission_fen': '-500',
                                               'totals': [{'rule': 'C3', 'amount_fen': '-500'}]}]},
    '/v1/statements/2011-01': {},
    '/v1/birthdays:count': {'members': '20', 'with_marketing_consent': '16'},
}


class Client:
    """Stands for the gateway; notes what was asked."""

    def __init__(self):
        self.asked = []

    def get(self, path, query):
        self.asked.append((path, query))
        self.path = path
        return self

    def expect(self, status):
        assert status == 200
        return self

    @property
    def json(self):
        return json.loads(json.dumps(ANSWERS[self.path]))


class FiguresTest(unittest.TestCase):
    def figures(self, *kinds):
        self.client = Client()
        return figures_of(self.client, 'funnel', REPORT, set(kinds))

    def test_birthdays_are_asked_of_the_days_that_are_named(self):
        client = Client()
        result = figures_of(client, 'till', REPORT, {'settlements'}, ('2026-02-16', '2027-02-06'))
        self.assertEqual(result['birthdays'], dict.fromkeys(('2026-02-16', '2027-02-06'), {'members': 20, 'with_marketing_consent': 16}))
        asked = [query for path, query in client.asked if path == '/v1/birthdays:count']
        self.assertEqual(asked, [{'day': '2026-02-16', 'imported_from': 'till'}, {'day': '2027-02-06', 'imported_from': 'till'}])
        self.assertNotIn('birthdays', figures_of(Client(), 'till', REPORT, {'settlements'}))

    def test_a_funnel(self):
        self.assertEqual(self.figures('staff', 'leads', 'visits'), {
            'leads': {'in_file': 3, 'accepted': 2, 'refused': 1}, 'customers': 2, 'leads_by_channel': {'online': 2},
            'leads_by_source': {'online': 2}, 'leads_by_month': {'online': 2}, 'arrived_leads_by_source': {'online': 2},
            'arrivals_by_rep': {'R1': 1}})
        self.assertTrue(all(query['imported_from'] == 'funnel' for _, query in self.client.asked))
        arrived = [query['group_by'] for path, query in self.client.asked if query.get('arrived') == 'true']
        self.assertEqual(arrived, ['source'])

    def test_a_desk(self):
        figures = self.figures('leads', 'appointments')
        self.assertEqual(set(figures), {'leads', 'customers', 'arrived', 'no_show', 'arrival_rate_bp', 'by_day'})
        self.assertEqual(figures['by_day'], {'2016-04-29': {'appointments': 2, 'arrived': 1}})
        self.assertEqual(figures['arrival_rate_bp'], 5000)

    def test_a_till(self):
        figures = self.figures('staff', 'customers', 'settlements')
        self.assertEqual(figures['net_total'], '99.96')
        self.assertEqual(figures['by_month'], {'2010-12': {'sales': '100.01', 'refunds': '-0.05'}, '2011-01': {'sales': '0.00', 'refunds': '0.00'}})
        self.assertEqual(figures['top10'], [['C1', '99.96']])
        self.assertEqual([figures[name] for name in ('members', 'factor_A', 'factor_B', 'classes')], [3, 2, 0, {'AA': 1, 'B': 2}])
        self.assertEqual([query for path, query in self.client.asked if path == '/v1/members:count'], [{'group_by': 'class', 'imported_from': 'funnel'}])
        self.assertEqual(figures['statements'], {
            '2010-12': {'R1': {'plan': 'plan-a', 'performance': '99.96', 'lines': {'C3': '-5.00'}, 'commission': '-5.00'}}, '2011-01': {}})
        self.assertEqual(len([path for path, _ in self.client.asked if path == '/v1/settlements:summary']), 1)

    def test_households_are_told_when_there_are_any(self):
        self.assertNotIn('households_proposed', self.figures('customers'))
        ANSWERS['/v1/customers:count']['households_proposed'] = '1'
        self.addCleanup(ANSWERS['/v1/customers:count'].update, households_proposed='0')
        self.assertEqual(self.figures('customers')['households_proposed'], 1)


class CompareTest(unittest.TestCase):
    def test_equal_figures_have_no_differences(self):
        self.assertEqual(list(differences({'a': {'b': 1, 'c': ['x']}}, {'a': {'c': ['x'], 'b': 1}})), [])

    def test_what_differs_is_named(self):
        cases = (({'till': {'net': '1.00'}}, {'till': {'net': '1.01'}}, 'till.net: "1.00", expected "1.01"'),
                 ({'till': {}}, {'till': {'net': '1.01'}}, 'till.net: missing, expected "1.01"'),
                 ({'till': {'x': 1}}, {'till': {}}, 'till.x: 1, expected nothing'),
                 ({'till': {'x': 1}}, {'till': {'x': '1'}}, 'till.x: 1, expected "1"'),
                 ({'till': {'x': [1, 2]}}, {'till': {'x': [2, 1]}}, 'till.x: [1, 2], expected [2, 1]'))
        for got, expected, reported in cases:
            self.assertEqual(list(differences(got, expected)), [reported])

    def test_birthdays_are_asked_for_on_the_days_that_a_file_names(self):
        self.assertEqual(days_asked({'till': {'birthdays': {'2026-02-28': 1, '2026-02-16': 2}}, 'desk': {}}), ('2026-02-16', '2026-02-28'))
        self.assertEqual(days_asked({'desk': {'leads': 1}}), ())

    def test_exit_code(self):
        out = io.StringIO()
        self.assertEqual(compare({'a': 1}, {'a': 1}, out), 0)
        self.assertEqual(compare({'a': 1}, {'a': 2}, out), 1)
        self.assertIn('1 differences', out.getvalue())


if __name__ == '__main__':
    unittest.main()
