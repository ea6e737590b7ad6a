"""Import files of format 1 as a test writes them, and what became of them.

    source = Source()
    report = source.take('customers', [{'customer_no': 'c1', 'name': '王芳'}])
"""
import csv
import io

from harness import administrator, eventually, fresh
from people import code

SERVICES = ('identity', 'leads', 'referrals', 'commissions', 'membership', 'notifications')
KINDS = ('staff', 'moves', 'customers', 'leads', 'appointments', 'visits', 'settlements', 'attributions')
COUNTS = ('read', 'created', 'updated', 'unchanged', 'waiting', 'refused', 'blank', 'households_proposed', 'placeholder_birthdays')
IN_TIME = 60


def text_of(rows):
    """Rows as CSV; the header is every column that some row has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval='', lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def counts(report):
    """The counts of a report that are not zero."""
    return {name: int(report[name]) for name in COUNTS if int(report.get(name) or 0)}


class Refused(Exception):
    """The file as a whole; says why."""


class Source:
    """One outside system; without a name one that nobody has used before."""

    def __init__(self, name=None, client=None):
        self.name = name or code('src')
        self.client = client or administrator()

    def begin(self, kind, rows, dry_run=False, key=None):
        """`rows`: dictionaries, text or bytes. Answers the operation as the upload is answered."""
        data = rows if isinstance(rows, bytes) else (rows if isinstance(rows, str) else text_of(rows)).encode()
        fields = {'kind': kind, 'source': self.name, 'dry_run': 'true' if dry_run else 'false'}
        return self.client.upload('/v1/imports', fields, (f'{kind}.csv', data), key=key or fresh()).expect(202).json['id']

    def operation(self, operation_id):
        return self.client.get(f'/v1/operations/{operation_id}').expect(200).json

    def ended(self, operation_id):
        def over():
            operation = self.operation(operation_id)
            return operation if operation['state'] not in ('OPERATION_STATE_RECEIVING', 'OPERATION_STATE_RUNNING') else None
        return eventually(IN_TIME, over, f'the end of {operation_id}')

    def run(self, kind, rows, dry_run=False):
        """The operation when it has ended; raises when the file as a whole was refused."""
        operation = self.ended(self.begin(kind, rows, dry_run))
        if operation['state'] == 'OPERATION_STATE_FAILED':
            raise Refused(operation['failure']['message'])
        return operation

    def take(self, kind, rows, dry_run=False):
        """The counts of the report, those that are not zero."""
        return counts(self.run(kind, rows, dry_run)['import']['report'])

    def refusals(self, operation_id):
        """refused.csv as [(line, reason, row)], the row with the cells that are not empty."""
        rows = csv.DictReader(io.StringIO(self.refused_text(operation_id).removeprefix('\ufeff'), newline=''))
        return [(int(row.pop('line')), row.pop('reason'), {name: cell for name, cell in row.items() if cell}) for row in rows]

    def refused_text(self, operation_id):
        return self.client.get(f'/v1/imports/{operation_id}/refused.csv').expect(200).body.decode()

    def reasons(self, kind, rows):
        """line -> reason of what a file's rows are refused for at once."""
        operation = self.run(kind, rows)
        return {line: reason for line, reason, _ in self.refusals(operation['id'])}

    def close(self, kind):
        """Until nothing of the kind waits any more; answers how many were refused."""
        refused = 0

        def closed():
            nonlocal refused
            answer = self.client.post('/v1/imports:finish', {'kind': kind, 'source': self.name}, key=fresh()).expect(200).json
            refused += int(answer.get('refused') or 0)
            return int(answer.get('still_waiting') or 0) == 0
        eventually(IN_TIME, closed, f'the end of what waits of {kind}')
        return refused

    def statements(self, period):
        """staff_no -> total of the period."""
        rows, token = {}, ''
        while True:
            query = {'imported_from': self.name, 'page_size': '200', 'page_token': token}
            reply = self.client.get(f'/v1/statements/{period}', query=query).expect(200).json
            rows.update((row['staff_no'], row) for row in reply['statements'])
            token = reply['next_page_token']
            if not token:
                return rows


def idle(client=None, seconds=IN_TIME):
    """Until no service of the suite has anything under way."""
    client = client or administrator()

    def standing():
        """How far every service has come; an AssertionError that says who is busy."""
        rows = []
        for service in SERVICES:
            reply = client.get(f'/v1/services/{service}/status')
            if reply.status != 200 or not reply.json.get('idle'):
                raise AssertionError(f'{service} is busy: {reply.status} {reply.body.decode()[:1500]}')
            rows.append((service, reply.json['events_delivered'], [(row['consumer'], row['delivered']) for row in reply.json.get('consumers', ())]))
        return rows

    def nothing():
        # Twice, and nothing has moved: one service may get something from another behind the back of a single look.
        return standing() == standing()
    eventually(seconds, nothing, 'an idle suite')
