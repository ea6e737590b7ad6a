#include "shared/db/migrate.h"

#include "shared/testing/databases.h"

namespace renxin::db {
namespace {

TEST(Statements, takes_the_lines_of_its_own_dialect_and_drops_comments) {
  constexpr std::string_view kSql =
      "-- it's a comment\ncreate table t (\n-- pg:  id bigint,\n-- sqlite:  id integer,\n  n text\n);\n-- sqlite: create trigger x begin "
      "select 1; end;\n"
      "-- pg: grant select on t to {app};\n";
  EXPECT_EQ(Statements(kSql, true, ""),
            (std::vector<std::string>{"create table t (\n  id integer,\n  n text\n)", "create trigger x begin select 1; end"}));
  EXPECT_EQ(Statements(kSql, false, "app"),
            (std::vector<std::string>{"create table t (\n  id bigint,\n  n text\n)", "grant select on t to app"}));
}

class MigrateTest : public renxin::testing::OnBothDatabases {};
RENXIN_ON_BOTH_DATABASES(MigrateTest);

TEST_P(MigrateTest, applies_once_and_refuses_a_changed_file) {
  const std::vector<Migration> first{{"0001_a.sql", "create table a (id bigint);"}};
  Migrate(url(), url(), first);
  Migrate(url(), url(), first);
  Migrate(url(), url(), {first[0], {"0002_b.sql", "create table b (id bigint);"}});
  EXPECT_THROW(Migrate(url(), url(), {{"0001_a.sql", "create table a (id text);"}}), std::runtime_error);
}

TEST_P(MigrateTest, the_platform_tables_cannot_be_rewritten) {
  Migrate(url(), url(), PlatformMigrations());
  Session session(url());
  Tx tx(session, false);
  tx.Exec("insert into history (record_kind, record_id, at, by_whom) values ('k', 'i', 1, 'me')");
  tx.Commit();
  for (const char* sql : {"update history set by_whom = 'you'", "delete from history"}) {
    Tx again(session, false);
    // The owner of a PostgreSQL table is not bound by its own revoke; the service runs as another role.
    if (GetParam() == "sqlite") {
      EXPECT_THROW(again.Exec(sql), DbError) << sql;
    }
  }
}

}  // namespace
}  // namespace renxin::db
