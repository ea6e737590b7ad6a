"""Which public route answers which figure of `./dev real`, and how its answer becomes the figure.

The names are those of expected.json. Which figures a set has follows from the files it has, never from its
name or its rows.
"""
import dataclasses
from typing import Callable

# File kind -> the figure that counts its records (read, accepted, refused by the importing service).
IMPORT_FIGURES = {'leads': 'leads', 'visits': 'visits', 'appointments': 'appointments', 'settlements': 'records'}


def number(reply, field):
    """int64 is a string in the JSON of a reply, and a zero may be left out."""
    return int(reply.get(field) or 0)


def yuan(fen):
    sign, fen = ('-' if fen < 0 else ''), abs(fen)
    return f'{sign}{fen // 100}.{fen % 100:02d}'


def counts(reply):
    """Records that have nothing there (a lead without a source) are no group."""
    return dict(sorted((row['key'], number(row, 'count')) for row in reply.get('counts', ()) if row.get('key')))


def classes(reply):
    """In the order of the answer: AAA first."""
    return {row['key']: number(row, 'count') for row in reply.get('counts', ())}


def days(reply):
    return {row['day']: {'appointments': number(row, 'appointments'), 'arrived': number(row, 'arrived')}
            for row in reply.get('days', ())}


def months(reply):
    return {row['month']: {'sales': yuan(number(row, 'sales_fen')), 'refunds': yuan(-abs(number(row, 'refunds_fen')))}
            for row in reply.get('months', ())}


def ranking(reply):
    return [[row['customer_no'], yuan(number(row, 'net_fen'))] for row in reply.get('customers', ())]


def field(name):
    return lambda reply: number(reply, name)


def statement_of(row):
    return {'plan': row.get('plan', ''), 'performance': yuan(number(row, 'performance_fen')),
            'lines': {total['rule']: yuan(number(total, 'amount_fen')) for total in row.get('totals', ())},
            'commission': yuan(number(row, 'commission_fen'))}


@dataclasses.dataclass(frozen=True)
class Figure:
    name: str
    needs: Callable[[frozenset], bool]      # of the kinds of file that the set has
    route: str
    query: dict                             # beside imported_from
    shape: Callable[[dict], object]         # the reply as the figure
    unless_zero: bool = False

    def of(self, ask):
        value = self.shape(ask(self.route, **self.query))
        return None if self.unless_zero and not value else value


def having(*kinds):
    return lambda present: present.issuperset(kinds)


def having_any(*kinds):
    return lambda present: not present.isdisjoint(kinds)


def funnel(present):
    """Leads that only stand behind appointments are counted in all, not by their groups."""
    return 'leads' in present and ('visits' in present or 'appointments' not in present)


def leads_by(group, **more):
    needs = having('leads', 'visits') if more else funnel
    return needs, '/v1/leads:count', {'group_by': group, **more}, counts


CUSTOMERS = having_any('customers', 'leads', 'settlements'), '/v1/customers:count', {}
APPOINTMENTS = having('appointments'), '/v1/appointments:count', {}
SETTLEMENTS = having('settlements'), '/v1/settlements:summary', {}
MEMBERS = having('settlements'), '/v1/members:count', {'group_by': 'class'}

FIGURES = (
    Figure('customers', *CUSTOMERS, field('customers')),
    Figure('households_proposed', *CUSTOMERS, field('households_proposed'), unless_zero=True),
    Figure('leads_by_channel', *leads_by('channel')),
    Figure('leads_by_source', *leads_by('source')),
    Figure('leads_by_month', *leads_by('month')),
    Figure('arrived_leads_by_source', *leads_by('source', arrived='true')),
    Figure('arrivals_by_rep', having('visits'), '/v1/visits:count', {'group_by': 'rep'}, counts),
    Figure('arrived', *APPOINTMENTS, field('arrived')),
    Figure('no_show', *APPOINTMENTS, field('no_show')),
    Figure('arrival_rate_bp', *APPOINTMENTS, field('arrival_rate_bp')),
    Figure('by_day', *APPOINTMENTS, days),
    Figure('refunds', *SETTLEMENTS, field('refunds')),
    Figure('net_total', *SETTLEMENTS, lambda reply: yuan(number(reply, 'net_total_fen'))),
    Figure('by_month', *SETTLEMENTS, months),
    Figure('members', *MEMBERS, field('members')),
    Figure('factor_A', *MEMBERS, field('factor_a')),
    Figure('factor_B', *MEMBERS, field('factor_b')),
    Figure('classes', *MEMBERS, classes),
    Figure('top10', having('settlements'), '/v1/settlements:rank', {'count': 10}, ranking),
    Figure('customers_with_net_below_zero', *SETTLEMENTS, field('customers_with_net_below_zero')),
)


class Asker:
    """Asks the gateway about one source; a route that several figures come from is asked once."""

    def __init__(self, client, source):
        self._client = client
        self._source = source
        self._known = {}

    def __call__(self, route, **query):
        key = route, tuple(sorted(query.items()))
        if key not in self._known:
            reply = self._client.get(route, query={**query, 'imported_from': self._source})
            self._known[key] = reply.expect(200).json
        return self._known[key]


def in_order(rows):
    return sorted(rows, key=lambda row: row['staff_no'])


def statements(ask):
    """Month -> payee's number -> statement, for every month in which something was settled."""
    return {month: {row['staff_no']: statement_of(row) for row in in_order(ask(f'/v1/statements/{month}').get('statements', ()))}
            for month in sorted(months(ask('/v1/settlements:summary')))}


def figures_of_import(report):
    """From the report of `renxin import --dir … --json`: the services' own counts per file."""
    result = {}
    for file in report.get('files', ()):
        reported = file.get('report') or {}
        if file['kind'] in IMPORT_FIGURES:
            result[IMPORT_FIGURES[file['kind']]] = {
                'in_file': number(reported, 'read'), 'accepted': sum(number(reported, name) for name in ('created', 'updated', 'unchanged')),
                'refused': number(reported, 'refused')}
    return result


def birthdays(ask, asked_days):
    """Of each of those days: the members whose birthday it is, and how many of them agreed to marketing."""
    return {day: {name: number(reply, name) for name in ('members', 'with_marketing_consent')}
            for day in asked_days for reply in [ask('/v1/birthdays:count', day=day)]}


def figures_of(client, source, report, present, birthdays_on=()):
    """One set's figures in the shape of expected.json: those whose files the set has. Birthdays are asked for on days that
    somebody names, as no file names any."""
    ask = Asker(client, source)
    result = figures_of_import(report)
    for figure in FIGURES:
        if figure.needs(frozenset(present)):
            value = figure.of(ask)
            if value is not None:
                result[figure.name] = value
    if 'settlements' in present:
        result['statements'] = statements(ask)
    if birthdays_on and 'settlements' in present:
        result['birthdays'] = birthdays(ask, birthdays_on)
    return result
