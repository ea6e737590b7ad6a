"""For each check what it must find, and what it must leave alone. Words that the checks look for in every
file are put together from pieces."""


def cc(text, path='services/leads/visits/store.cc'):
    return {path: text}


def sql(statement):
    return cc(f'void F() {{ tx.Exec("{statement}"); }}\n')


_LONG_FUNCTION = 'namespace n {\nvoid F() {\n' + '  int a = 0;\n' * 60 + '}\n}\n'

_README = '# a\n\nWhat it is for.\n\n' + ''.join(f'## {heading}\n\nNone.\n\n' for heading in (
    'Tables', 'Events', 'Routes', 'Invariants', 'Configuration', 'Limits and gaps'))

BAD = {
    'the_environment_is_read_in_one_place': [
        cc('const char* a = std::getenv("RENXIN_A");\n', 'services/gateway/config.cc'), cc('auto a = getenv(name);\n', 'shared/core/crash.cc')],
    'configuration_lists_every_variable': [
        cc('const auto a = Variable("RENXIN_A");\n', 'services/gateway/config.cc'), {'docs/configuration.md': '`RENXIN_NOBODYS`\n'}],
    'readmes_have_the_same_headings': [
        {'services/leads/README.md': _README.replace('## Routes\n\nNone.\n\n', '')},
        {'services/leads/README.md': _README + '## History\n\nLong.\n'},
        {'shared/db/README.md': _README.replace('## Tables', '## Own' 's')},
        {'shared/db/README.md': _README.replace('What it is for.\n\n', '')},
    ],
    'prose_says_it_in_the_words_of_the_field': [
        {'docs/a.md': 'The consumer is made a' 'new.\n'}, {'shared/db/tx.h': '// The jobs are taken ' 'apart.\n'},
        {'CHANGELOG.md': 'New kno' 'bs.\n'}, {'proto/a.proto': '// It is to' 'ld live.\n'},
    ],
    'identifiers_are_words_of_the_field': [
        cc('void PutWaiting(Tx& tx);\n', 'shared/intake/store.h'), cc('bool Take(char c);\n', 'shared/core/csv.h'),
        cc('class Desk {};\n', 'services/leads/visits/store.h'), {'proto/renxin/a/v1/a.proto': 'rpc PutChunk(A) returns (B);\n'},
        {'services/leads/migrations/0003_leads.sql': 'create table a (\n  lapses bigint not null\n);\n'},
    ],
    'every_consumer_is_delivered_in_any_order': [
        {'proto/renxin/leads/v1/leads.proto': 'option (options.v1.consumers) = {name: "leads_roster", publisher: "identity", event: "staff_changed"};\n',
         'services/leads/delivery_test.cc': 'ExpectHighestVersionStands("leads_other", session());\n'}],
    'headers_of_modules_are_light': [
        cc('#include "renxin/leads/v1/visits.pb.h"\n', 'services/leads/visits/store.h'),
        cc('#include <google/protobuf/message.h>\n', 'services/leads/visits/handlers.h'),
        cc('#include <boost/asio/post.hpp>\n', 'services/leads/directory/directory.h'),
        {'services/leads/visits/store.cc': '#include "shared/runtime/a.h"\n', 'shared/runtime/a.h': '#include "shared/runtime/b.h"\n',
         'shared/runtime/b.h': '#include <google/protobuf/message.h>\n'},
    ],
    'arrows_of_shared_go_downwards': [
        cc('#include "shared/runtime/service.h"\n', 'shared/db/tx.cc'),
        cc('#include "services/leads/visits/store.h"\n', 'shared/core/text.cc'),
        cc('int a;\n', 'shared/utils/a.cc'),
    ],
    'services_keep_to_themselves': [cc('#include "services/identity/staff/store.h"\n'), cc('#include "store.h"\n')],
    'rules_are_pure': [
        cc('#include "shared/db/tx.h"\n', 'services/leads/visits/rules.cc'),
        cc('#include "services/leads/visits/store.h"\n', 'services/leads/visits/rules.h'),
        cc('#include "renxin/leads/v1/leads.pb.h"\n', 'services/leads/visits/rules.cc'),
        cc('#include <boost/json.hpp>\n', 'services/leads/visits/rules.cc'),
    ],
    'handlers_touch_nothing_but_their_tx': [
        cc('#include "shared/bus/bus.h"\n', 'services/leads/visits/handlers.cc'),
        cc('#include <boost/asio/post.hpp>\n', 'services/leads/visits/reactions.cc'),
    ],
    'heavy_and_foreign_headers_stay_where_they_belong': [
        cc('#include <boost/asio.hpp>\n', 'shared/http/health.cc'),
        cc('#include <boost/beast.hpp>\n', 'services/gateway/run.cc'),
        cc('#include <soci/soci.h>\n', 'services/leads/visits/store.cc'),
        cc('#include <nats/nats.h>\n', 'shared/runtime/relay.cc'),
        cc('#include <nats.h>\n', 'services/cli/provision.cc'),
    ],
    'coroutines_stay_at_the_edges': [cc('void F() { co_await g(); }\n')],
    'sql_has_no_clock': [sql('update a set b = now() where c = 1'), sql('select current_timestamp from a'),
                         {'services/leads/migrations/0009_a.sql': '-- pg: update a set b = now();\n'}],
    'sql_has_no_comments_slices_or_escapes': [
        sql('select a from b -- all'), sql('select a /* b */ from c'), sql('select a[1:2] from b'), sql("select a from b where c = E'x'"),
        {'services/leads/migrations/0009_a.sql': 'create table a ( -- of b\n  c text\n);\n'},
    ],
    'sql_of_services_lives_in_stores': [cc('void F() { tx.Exec("delete from a"); }\n', 'services/leads/visits/handlers.cc')],
    'services_count_in_integers': [cc('double rate = 1;\n'), cc('float F();\n')],
    'tests_do_not_sleep': [
        cc('TEST(A, B) { std::this_thread::sleep_for(1s); }\n', 'shared/db/lane_test.cc'),
        cc('void F() { usleep(10); }\n', 'tests/bench/a.cc'),
        cc('void F() { sleep(1); }\n', 'shared/bus/bus_test.cc'),
        {'tests/e2e/test_a.py': 'import time\ndef test():\n    time.sleep(1)\n'},
    ],
    'what_soci_says_is_never_told': [
        cc('void F() { try { g(); } catch (const soci::soci_error& e) { Log(kError, e.what()); } }\n', 'shared/db/tx.cc'),
        cc('void F() { try { g(); } catch (soci::soci_error& e) { throw DbError(kLost, e.what()); } }\n', 'shared/db/tx.cc'),
    ],
    'gateway_knows_no_business': [
        cc('if (service == "leads") F();\n', 'services/gateway/run.cc'),
        cc('int customer_id;\n', 'services/gateway/run.cc'),
        cc('class LeadService {};\n', 'services/gateway/run.cc'),
        cc('auto a = "/v1/Statements";\n', 'services/gateway/routes/routes.cc'),
    ],
    'files_and_functions_are_short': [
        {'services/leads/a.cc': 'int a;\n' * 501}, {'infra/dev/a.py': 'a = 1\n' * 501}, {'proto/renxin/a.proto': '\n' * 601},
        {'services/leads/main.cc': '\n' * 41}, cc(_LONG_FUNCTION), {'a.py': 'def f():\n' + '    pass\n' * 60},
    ],
    'headers_are_honest': [cc('int a;\n', 'shared/core/a.h'), cc('#pragma once\nusing namespace std;\n', 'shared/core/a.h')],
    'every_folder_explains_itself': [{'shared/core/a.h': ''}, {'services/leads/visits/store.cc': ''}],
    'nothing_is_left_lying_about': [{'a.cc': '// TO' 'DO: later\n'}, {'a.py': '# FIX' 'ME\n'}, {'a_test.cc': 'GTEST_' 'SKIP();\n'}],
    'no_path_of_one_machine': [{'a.sh': 'cd /ho' 'me/anna/renxin\n'}, {'a.py': 'x = "/wo' 'rk/main"\n'}],
    'every_rpc_says_who_may': [
        {'proto/renxin/a/v1/a.proto': 'service S {\n  rpc F(A) returns (B);\n}\n'},
        {'proto/renxin/a/v1/a.proto': 'service S {\n  rpc F(A) returns (B) {\n    option (options.v1.http) = {get: "/v1/a"};\n  }\n}\n'},
        {'proto/renxin/a/v1/a.proto': 'service S {\n  rpc F(A) returns (B) {\n    // option (options.v1.access) = {};\n  }\n}\n'},
    ],
    'migrations_are_ascii': [{'services/leads/migrations/0009_a.sql': '-- 客户\n'}, {'services/leads/migrations/9_a.sql': ''}],
    'links_in_papers_lead_somewhere': [{'docs/a.md': 'see [b](b.md)\n'}],
    'papers_named_in_sources_exist': [{'shared/core/a.h': '// docs/gone.md\n'}],
    'readmes_of_services_name_what_they_own': [
        {'services/a/README.md': '', 'services/a/migrations/0003_a.sql': 'create table b (\n'},
        {'services/a/README.md': '', 'proto/renxin/a/v1/a.proto':
            'service S {\n  rpc F(A) returns (B) {\n    option (options.v1.http) = {get: "/v1/a"};\n  }\n}\n'},
        {'services/a/README.md': '', 'proto/renxin/a/v1/a.proto': 'option (options.v1.consumers) = {name: "a_on-b", publisher: "b"};\n'},
        {'services/a/README.md': '', 'proto/renxin/a/v1/a_events.proto': 'option (options.v1.event) = {name: "a_done"};\n'},
    ],
}

GOOD = {
    'the_environment_is_read_in_one_place': [cc('const char* a = std::getenv(name);\n', 'shared/core/variables.cc')],
    'configuration_lists_every_variable': [{'services/gateway/config.cc': 'const auto a = Variable("RENXIN_A");\n', 'docs/configuration.md': '`RENXIN_A`\n'}],
    'readmes_have_the_same_headings': [{'services/leads/README.md': _README, 'docs/README.md': '# a\n\n## b\n'}],
    'prose_says_it_in_the_words_of_the_field': [{'docs/a.md': 'Where it was put, who told it and what is kept.\n'}],
    'identifiers_are_words_of_the_field': [
        cc('// Keep it: Take(what).\nvoid Output(int keep);\nconst char* kText = "Put(";\n', 'shared/core/a.h')],
    'readmes_of_services_name_what_they_own': [
        {'services/a/README.md': '`b` `GET /v1/a` ev.renxin.a.v1.a_done a_on-b', 'services/a/migrations/0003_a.sql': 'create table b (\n',
         'proto/renxin/a/v1/a.proto': 'option (options.v1.consumers) = {name: "a_on-b"};\nservice S {\n  rpc F(A) returns (B) {\n'
                                      '    option (options.v1.http) = {get: "/v1/a"};\n  }\n}\n',
         'proto/renxin/a/v1/a_events.proto': 'option (options.v1.event) = {name: "a_done"};\n'}
    ],
    'headers_of_modules_are_light': [
        cc('#include "renxin/leads/v1/visits.pb.h"\n', 'services/leads/visits/handlers.h'), cc('#include "renxin/leads/v1/visits.pb.h"\n'),
        cc('#include <boost/asio/post.hpp>\n', 'services/gateway/server/server.h'),
        {'services/leads/wiring.cc': '#include "shared/policies/a.h"\n', 'shared/policies/a.h': '#include <google/protobuf/message.h>\n'},
    ],
    'arrows_of_shared_go_downwards': [
        cc('#include "shared/core/text.h"\n#include <vector>\n', 'shared/db/tx.cc'),
        cc('#include "shared/testing/databases.h"\n', 'shared/db/tx_test.cc'),
        cc('// #include "shared/runtime/service.h"\n', 'shared/db/tx.cc'),
    ],
    'services_keep_to_themselves': [cc('#include "services/leads/visits/store.h"\n#include "renxin/identity/v1/identity_events.pb.h"\n')],
    'rules_are_pure': [
        cc('#include <vector>\n#include "shared/core/money.h"\n#include "services/leads/visits/rules.h"\n', 'services/leads/settlements/rules.cc')
    ],
    'heavy_and_foreign_headers_stay_where_they_belong': [cc('#include <soci/soci.h>\n', 'shared/db/translate.h')],
    'sql_of_services_lives_in_stores': [sql('delete from a'), cc('auto a = "update the visit";\n', 'services/leads/visits/rules_test.cc')],
    'sql_has_no_clock': [sql('select a from b where c = :now'), cc('const Instant t = Now();\n')],
    'sql_has_no_comments_slices_or_escapes': [
        sql("select a from b where c = 'e' and d = :day"), {'services/leads/migrations/0009_a.sql': "-- one's own\ncreate table a (b text);\n"}
    ],
    'tests_do_not_sleep': [
        {'tests/e2e/harness.py': 'import time\ndef eventually(f):\n    while not f():\n        time.sleep(0.1)\n'},
        cc('void F() { std::this_thread::sleep_for(1s); }\n', 'services/cli/api.cc'),
    ],
    'what_soci_says_is_never_told': [
        cc('void F() { try { g(); } catch (const soci::soci_error& e) { bool b = Has(e.what()); throw DbError(kLost, "x"); } }\n',
           'shared/db/tx.cc')
    ],
    'gateway_knows_no_business': [cc('auto a = location.leading_comments; // where it leads\nint leading, report;\n', 'services/gateway/run.cc')],
    'files_and_functions_are_short': [cc('namespace n {\nclass A {\n' + '  int F() { return 1; }\n' * 80 + '};\n}\n')],
    'nothing_is_left_lying_about': [{'a.cc': 'mkdtemp("/tmp/a-XX' 'XXXX"); GTEST_' 'SKIP() << "acceptance data absent";\n'}],
    'services_count_in_integers': [cc('observe::SetGauge("a", static_cast<double>(n));\n'), cc('double a;\n', 'services/leads/a_test.cc')],
    'no_path_of_one_machine': [{'a.sh': 'cat build/wo' 'rk/a; cd /var/tmp; "$HOME/wo' 'rk/x"\n'}],
    'every_rpc_says_who_may': [
        {'proto/renxin/a/v1/a.proto': 'service S {\n  rpc F(A) returns (B) {\n    option (options.v1.access) = {roles: ["*"]};\n  }\n}\n'}
    ],
    'links_in_papers_lead_somewhere': [{'docs/a.md': 'see [b](../b.md), [c](https://example.org)\n', 'b.md': ''}],
}
