"""What the rep whom the load names at the desk has earned, and the month locked behind it (C12, C13, C14)."""
import harness                  # on the path by ./dev
from audit import Tables
from people import new_account

PERIOD = '2026-01'              # every settlement of the load is of it
WHY = 'poisoned on purpose'
FOLLOWS_STAFF = ('leads', 'referrals', 'commissions')
# C3: shares of the performance by brackets, in fen and basis points.
BRACKETS = ((0, 5_000_000, 500), (5_000_000, 8_000_000, 600), (8_000_000, None, 700))


def hire(suite):
    """A rep on plan A, known to everybody who must know: the id."""
    rep = harness.administrator_of(suite).post('/v1/staff', {
        'staff_no': harness.fresh('R-')[:40], 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01', 'plan': 'plan-a'},
        key=harness.fresh()).expect(201).json['id']
    tables = Tables(suite)
    known = f"select count(*) from roster where staff_id = '{rep}'"
    harness.eventually(60, lambda: all(tables.number(service, known) for service in FOLLOWS_STAFF), 'everybody knows the rep')
    return rep


def earned(fen):
    """C3, in fen: marginal, rounded once, half away from zero (G2)."""
    tenthousandths = sum((min(fen, to or fen) - from_) * rate for from_, to, rate in BRACKETS if fen > from_)
    return (2 * tenthousandths + 10_000) // 20_000


def statement(suite, journal, rep):
    """Every settlement of a visit that was credited to the rep counts once."""
    should = sum(entry['fen'] for entry in journal.of('settlement') if entry['rep'])
    drawn = harness.administrator_of(suite).get(f'/v1/statements/{PERIOD}/{rep}').expect(200).json
    found = int(drawn['performance_fen']), int(drawn['commission_fen'])
    if found != (should, earned(should)):
        yield f'the rep brought {should} fen and earns {earned(should)}, the statement says {found[0]} and {found[1]}'


def wrong(suite, journal, rep):
    """Whatever happens here must not hide what the audit has found."""
    try:
        return [*statement(suite, journal, rep), *locked(suite, journal, rep)]
    except Exception as error:      # of whatever kind  # pylint: disable=broad-except
        return [f'the month could not be paid and locked: {error!r}']


def discard_dead_letters(suite):
    """As an operator does with an event without a consumer: at whoever a lock asks, it refuses the lock (C13)."""
    client = harness.administrator_of(suite)
    for service in ('identity', 'leads', 'referrals'):
        # A list holds the newest 200.
        while letters := client.get(f'/v1/services/{service}/dead-letters').expect(200).json.get('dead_letters', []):
            for letter in letters:
                path = f'/v1/services/{service}/dead-letters/{letter["id"]}'
                client.post(f'{path}:discard', {'reason': WHY}, key=harness.fresh()).expect(200)

    def open_ones():
        return client.get('/v1/services/commissions/dead-letters').expect(200).json.get('dead_letters', [])
    for letter in open_ones()[:1]:
        suite.renxin('dead-letters', 'discard', 'commissions', letter['id'], '--reason', WHY)
        path = f'/v1/services/commissions/dead-letters/{letter["id"]}'
        for verb, body in (('discard', {'reason': WHY}), ('replay', {})):     # it is closed
            client.post(f'{path}:{verb}', body, key=harness.fresh()).expect(404)
    while letters := open_ones():
        for letter in letters:
            path = f'/v1/services/commissions/dead-letters/{letter["id"]}'
            client.post(f'{path}:discard', {'reason': WHY}, key=harness.fresh()).expect(200)
    kept = client.get('/v1/services/commissions/dead-letters', query={'all': 'true'}).expect(200).json.get('dead_letters', [])
    return [f'dead letter {letter["id"]} does not say why it was discarded' for letter in kept
            if (letter.get('discarded_by'), letter.get('discard_reason')) != ('admin', WHY)]


def locked(suite, journal, rep):
    """C13, C14: the month is locked once, and the ledger owes the rep what the statement says."""
    owed = earned(sum(entry['fen'] for entry in journal.of('settlement') if entry['rep']))
    yield from discard_dead_letters(suite)
    finance = new_account(harness.administrator_of(suite), 'finance')
    path = f'/v1/periods/{PERIOD}:lock'
    answer = finance.post(path, {}, key=harness.fresh())
    if answer.status == 202:
        def over():
            now = finance.get(f'/v1/operations/{answer.json["id"]}').expect(200).json
            return now if now['ended_at'] else None
        operation = harness.eventually(60, over, 'the end of the lock')
        if operation['state'] != 'OPERATION_STATE_DONE':
            yield f'the lock ended as {operation}'
    else:
        yield f'the lock was answered {(answer.status, answer.json)}'
    again = finance.post(path, {}, key=harness.fresh())
    if again.status != 409:
        yield f'a second lock was answered {(again.status, again.json)}'
    ledger = finance.get('/v1/ledger').expect(200).json
    accounts = {row['account']: int(row['balance_fen']) for row in ledger.get('accounts', ())}
    if ledger['sum_fen'] != '0' or accounts != {'expense:C3': owed, f'payable:{rep}': -owed}:
        yield f'the rep is owed {owed} fen, the ledger says {ledger}'
