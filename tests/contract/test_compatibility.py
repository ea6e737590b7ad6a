"""Within v1 the contract only grows: no field renumbered, retyped, renamed or removed, no route or event changed.

`baseline.binpb` is what was promised last. With a release, or to protect what was added since:

    python3 tests/contract/test_compatibility.py --update            refuses when a promise is broken
    python3 tests/contract/test_compatibility.py --update --anyway   takes it as it is; say why in the commit
"""
import os
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from compatibility import broken, compile_protos
from wire import contract_of, fields

ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT') or HERE.parents[1])
BASELINE = HERE / 'baseline.binpb'
OPTIONS = '''syntax = "proto3"; package renxin.options.v1; import "google/protobuf/descriptor.proto";
message Http { oneof pattern { string get = 1; string post = 2; } int32 success_status = 6; }
message Access { repeated string roles = 1; bool anonymous = 2; repeated string callers = 3; }
message Event { string name = 1; }
message Rules { bool required = 1; }
message Consumer { string name = 1; string publisher = 2; string event = 3; }
message Hosted { string contract = 1; repeated string values = 2; }
extend google.protobuf.MethodOptions { Http http = 50001; Access access = 50011; }
extend google.protobuf.FieldOptions { Rules field = 50021; }
extend google.protobuf.MessageOptions { Event event = 50041; }
extend google.protobuf.FileOptions { repeated Hosted hosts = 50002; repeated Consumer consumers = 50042; }
'''
SAMPLE = '''syntax = "proto3"; package renxin.things.v1; import "options.proto";
option (options.v1.consumers) = {name: "things_on-a", publisher: "others", event: "a_done"};
option (options.v1.hosts) = {contract: "renxin.c.v1.C", values: ["x", "y"]};
service Things {
  rpc Get(Ask) returns (Thing) { option (options.v1.http) = {get: "/v1/things/{id}"}; option (options.v1.access) = {roles: ["a"]}; }
  rpc Tell(Ask) returns (Thing) { option (options.v1.access) = {callers: ["b"]}; }
}
message Ask { string id = 1; int64 count = 2; }
message Thing { option (options.v1.event) = {name: "thing_changed"}; repeated string names = 1; oneof one { string a = 2; int32 b = 3; } }
enum Kind { KIND_UNSPECIFIED = 0; KIND_ONE = 1; KIND_BELOW = -1; }
'''
# What is changed in the sample -> what must be said of it.
BREAKS = {
    ('int64 count = 2;', ''): 'Ask.count = 2 is gone',
    ('int64 count = 2;', 'int64 count = 3;'): 'Ask.count = 2 is gone',
    ('int64 count = 2;', 'int32 count = 2;'): 'is int32',
    ('int64 count = 2;', 'int64 counted = 2;'): 'called counted',
    ('int64 count = 2;', 'int64 count = 2 [(options.v1.field) = {required: true}];'): 'is required now',
    ('int64 count = 2;', 'int64 count = 2; string new = 3 [(options.v1.field) = {required: true}];'): 'new and required',
    ('repeated string names', 'string names'): 'label',
    ('oneof one { string a = 2; int32 b = 3; }', 'string a = 2; int32 b = 3;'): "was string (label 1, oneof 'one')",
    ('KIND_ONE = 1;', ''): 'KIND_ONE = 1 is gone',
    ('KIND_ONE = 1;', 'KIND_FIRST = 1;'): 'KIND_ONE = 1 is KIND_FIRST',
    ('KIND_BELOW = -1;', ''): 'KIND_BELOW = -1 is gone',
    ('rpc Tell(Ask) returns (Thing) { option (options.v1.access) = {callers: ["b"]}; }', ''): 'Tell is gone',
    ('rpc Get(Ask) returns (Thing)', 'rpc Get(Ask) returns (Ask)'): 'response is',
    ('/v1/things/{id}', '/v1/things/{id}:read'): 'http is',
    ('{get: "/v1', '{success_status: 201, get: "/v1'): 'http is',
    ('{get: "/v1', '{post: "/v1'): 'http is',
    ('{callers: ["b"]}', '{roles: ["b"]}'): 'kind is signed in, was internal',
    ('thing_changed', 'thing_moved'): 'event thing_changed',
    ('things_on-a', 'things_on-all'): 'consumer things_on-a is gone',
    ('values: ["x", "y"]', 'values: ["x"]'): 'for y no more',
}
GROWS = {
    ('int64 count = 2;', 'int64 count = 2; string more = 3;'), ('KIND_ONE = 1;', 'KIND_ONE = 1; KIND_TWO = 2;'),
    ('values: ["x", "y"]', 'values: ["x", "y", "z"]'), ('message Ask', 'message New { string a = 1; } message Ask'),
    ('service Things {', 'service Things { rpc More(Ask) returns (Thing) { option (options.v1.access) = {roles: ["*"]}; }'),
}


class TheContract(unittest.TestCase):
    def test_it_keeps_what_the_baseline_promised(self):
        found = list(broken(contract_of(BASELINE.read_bytes()), contract_of(compile_protos(ROOT))))
        self.assertFalse(found, '\n' + '\n'.join(found))

    def test_the_baseline_is_a_contract_and_not_an_empty_file(self):
        promised = contract_of(BASELINE.read_bytes())
        self.assertGreater(len(promised.rpcs), 40)
        self.assertEqual('settlement_recorded', promised.events['renxin.leads.v1.SettlementRecorded'])
        self.assertEqual(('GET', '/v1/leads/{id}', 200, '[]'), promised.rpcs['renxin.leads.v1.LeadService.GetLead']['http'])
        self.assertEqual(('leads', 'settlement_recorded'), promised.consumers['commissions_on-settlement'])
        self.assertIn('settlements', promised.hosts['renxin.leads.v1', 'renxin.intake.v1.ImportService'])


class TheComparison(unittest.TestCase):
    """It finds every kind of break, and none where the contract grew."""

    def contract(self, text):
        with tempfile.TemporaryDirectory() as folder:
            proto = pathlib.Path(folder) / 'proto'
            proto.mkdir()
            (proto / 'options.proto').write_text(OPTIONS, encoding='utf-8')
            (proto / 'things.proto').write_text(text, encoding='utf-8')
            return contract_of(compile_protos(folder))

    def changed(self, old, new):
        self.assertEqual(1, SAMPLE.count(old), old)
        return list(broken(self.contract(SAMPLE), self.contract(SAMPLE.replace(old, new))))

    def test_every_break_is_found(self):
        for (old, new), said in BREAKS.items():
            with self.subTest(f'{old} -> {new}'):
                self.assertTrue(any(said in one for one in self.changed(old, new)), self.changed(old, new))

    def test_growing_is_no_break(self):
        for old, new in GROWS:
            with self.subTest(f'{old} -> {new}'):
                self.assertEqual([], self.changed(old, new))

    def test_damaged_bytes_are_no_contract(self):
        for data in (b'\x0a\x05abc', b'\x0f', b'\x80'):
            with self.subTest(data), self.assertRaises((ValueError, IndexError)):
                fields(data)


def update(anyway):
    now = compile_protos(ROOT)
    if BASELINE.exists() and not anyway:
        found = list(broken(contract_of(BASELINE.read_bytes()), contract_of(now)))
        if found:
            print('\n'.join(found), '\nthe baseline stays; --anyway to take it', file=sys.stderr)
            return 1
    BASELINE.write_bytes(now)
    return 0


if __name__ == '__main__':
    if '--update' in sys.argv:
        sys.exit(update('--anyway' in sys.argv))
    unittest.main()
