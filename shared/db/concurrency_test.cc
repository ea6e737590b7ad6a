// What shared/db gives for rows that others change concurrently.

#include <algorithm>

#include "shared/db/migrate.h"
#include "shared/db/session.h"
#include "shared/db/tx.h"
#include "shared/testing/databases.h"
#include "shared/testing/race.h"

namespace renxin::db {
namespace {

const UpsertSpec kRecords{.table = "records", .columns = {"id", "version", "body"}};

class ConcurrencyTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    session_ = std::make_unique<Session>(url());
    Do([](Tx& tx) {
      tx.Exec("create table records (id text primary key, version bigint not null, body text)");
      tx.Exec("create table children (id bigint primary key, record_id text not null references records (id))");
    });
  }
  void TearDown() override { session_.reset(); }
  void Do(const std::function<void(Tx&)>& run) {
    Tx tx(*session_, false);
    run(tx);
    tx.Commit();
  }
  std::string Body(const std::string& id) {
    Tx tx(*session_, true);
    const auto row = tx.First<std::string>("select body from records where id = :id", {{"id", id}});
    return row ? std::get<0>(*row) : "absent";
  }
  std::unique_ptr<Session> session_;
};
RENXIN_ON_BOTH_DATABASES(ConcurrencyTest);

std::string BodyOf(std::int64_t version) { return "v" + std::to_string(version); }
void Bring(Tx& tx, std::int64_t version) { tx.Upsert(kRecords, {std::string("r"), version, BodyOf(version)}); }

TEST_P(ConcurrencyTest, the_highest_version_stands_whatever_the_order_and_the_batches) {
  std::vector<std::int64_t> order{1, 2, 3};
  do {
    // Bit i: a commit after the i-th.
    for (int commits = 0; commits < 4; ++commits) {
      Do([](Tx& tx) { tx.Exec("delete from records"); });
      auto tx = std::make_unique<Tx>(*session_, false);
      for (std::size_t i = 0; i < order.size(); ++i) {
        Bring(*tx, order[i]);
        if ((commits >> i & 1) == 0) continue;
        tx->Commit();
        tx = std::make_unique<Tx>(*session_, false);
      }
      tx->Commit();
      tx.reset();
      EXPECT_EQ(Body("r"), "v3") << order[0] << order[1] << order[2] << " commits " << commits;
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_P(ConcurrencyTest, of_two_with_the_same_version_the_first_stands) {
  Do([](Tx& tx) {
    tx.Upsert(kRecords, {std::string("r"), std::int64_t{2}, std::string("first")});
    tx.Upsert(kRecords, {std::string("r"), std::int64_t{2}, std::string("second")});
  });
  Do([](Tx& tx) { tx.Upsert(kRecords, {std::string("r"), std::int64_t{2}, std::string("third")}); });
  EXPECT_EQ(Body("r"), "first");
}

TEST_P(ConcurrencyTest, a_spec_may_be_a_temporary_and_its_rows_are_still_one_statement) {
  Do([](Tx& tx) {
    for (std::int64_t i = 0; i < 10; ++i) {
      tx.Upsert(UpsertSpec{.table = "records", .columns = {"id", "version", "body"}}, {"t" + std::to_string(i % 5), i, BodyOf(i)});
      tx.Stage(InsertSpec{.table = "children", .columns = {"id", "record_id"}}, {i, "t" + std::to_string(i % 5)});
    }
  });
  EXPECT_EQ(Body("t4"), "v9");
}

// A row of `children` refers to a record that was staged after other children: specs are sent in the order of their first row.
TEST_P(ConcurrencyTest, specs_are_sent_in_the_order_of_their_first_row) {
  static const InsertSpec kChildren{.table = "children", .columns = {"id", "record_id"}};
  Do([](Tx& tx) {
    tx.Upsert(kRecords, {std::string("a"), std::int64_t{1}, std::string("a")});
    tx.Stage(kChildren, {std::int64_t{1}, std::string("a")});
    tx.Upsert(kRecords, {std::string("b"), std::int64_t{1}, std::string("b")});
    tx.Stage(kChildren, {std::int64_t{2}, std::string("b")});
  });
  Tx tx(*session_, false);
  tx.Stage(kChildren, {std::int64_t{3}, std::string("c")});
  tx.Upsert(kRecords, {std::string("c"), std::int64_t{1}, std::string("c")});
  if (tx.dialect() == Dialect::kSqlite) {
    EXPECT_THROW(tx.Flush(), DbError) << "the child was staged first and is sent first";
  } else {
    EXPECT_NO_THROW(tx.Flush()) << "all tables are one statement, and it is judged as a whole";
  }
}

TEST_P(ConcurrencyTest, rows_of_a_statement_follow_what_was_staged_before_it) {
  Do([](Tx& tx) {
    tx.Upsert(kRecords, {std::string("r"), std::int64_t{1}, std::string("staged")});
    EXPECT_EQ(tx.ExecRows("update records set body = v.column2 from (", {"text", "text"}, {{std::string("r"), std::string("updated")}},
                          ") as v where records.id = v.column1"),
              1);
  });
  EXPECT_EQ(Body("r"), "updated");
}

TEST_P(ConcurrencyTest, an_update_that_names_what_it_read_is_run_again_when_that_has_changed) {
  Do([](Tx& tx) { Bring(tx, 1); });
  const auto add_one = [](Tx& tx) {
    const auto version = std::get<0>(*tx.First<std::int64_t>("select version from records where id = 'r'"));
    tx.CompareAndSet("update records set version = :to, body = :body where id = 'r' and version = :from",
                     {{"to", version + 1}, {"body", BodyOf(version + 1)}, {"from", version}});
  };
  const auto raced = renxin::testing::Race(url(), "select version from records", add_one, add_one);
  EXPECT_EQ(Body("r"), "v3") << "neither was lost";
  if (GetParam() == "postgres") {
    EXPECT_EQ(raced.first_runs, 2);
  }
}

TEST_P(ConcurrencyTest, many_rows_that_name_what_they_read_are_all_written_or_none) {
  Do([](Tx& tx) {
    for (const char* id : {"a", "b"}) tx.Upsert(kRecords, {std::string(id), std::int64_t{1}, std::string("old")});
  });
  const auto set = [](Tx& tx, std::int64_t version_of_b) {
    tx.CompareAndSetRows("update records set body = v.column3 from (", {"text", "bigint", "text"},
                         {{std::string("a"), std::int64_t{1}, std::string("new")}, {std::string("b"), version_of_b, std::string("new")}},
                         ") as v where records.id = v.column1 and records.version = v.column2");
  };
  try {
    Do([&](Tx& tx) { set(tx, 7); });
    FAIL() << "b is not at version 7";
  } catch (const DbError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kRetry);
  }
  EXPECT_EQ(Body("a"), "old");
  Do([&](Tx& tx) { set(tx, 1); });
  EXPECT_EQ(Body("a") + Body("b"), "newnew");
}

TEST_P(ConcurrencyTest, what_must_be_there_once_is_inserted_once_and_the_other_finds_it) {
  static const InsertSpec kInsert{.table = "records", .columns = {"id", "version", "body"}};
  std::vector<std::string> seen;
  const auto find_or_add = [&seen](const char* body) {
    return [&seen, body](Tx& tx) {
      if (const auto row = tx.First<std::string>("select body from records where id = 'once'")) {
        seen.push_back(std::get<0>(*row));
        return;
      }
      tx.InsertOrRetry(kInsert, "id", {std::string("once"), std::int64_t{1}, std::string(body)});
    };
  };
  renxin::testing::Race(url(), "select body from records", find_or_add("first"), find_or_add("second"));
  EXPECT_EQ(seen.size(), 1U) << "one of the two found the other's row";
  EXPECT_EQ(Body("once"), GetParam() == "postgres" ? "second" : "first");
  Do([](Tx& tx) {
    EXPECT_FALSE(tx.InsertIfAbsent(kInsert, "id", {std::string("once"), std::int64_t{1}, std::string("again")}));
    EXPECT_TRUE(tx.InsertIfAbsent(kInsert, "id", {std::string("twice"), std::int64_t{1}, std::string("x")}));
  });
}

// Both hold a and b, named in opposite orders: without one order of locks PostgreSQL would end one of them as a deadlock.
// Another service of the same database may be migrating: a service that starts meanwhile waits, and does not end.
TEST_P(ConcurrencyTest, who_prepares_a_database_waits_longer_for_a_migration_than_for_a_row) {
  Do([](Tx& tx) {
    HoldMigrationLock(tx);
    const bool postgres = tx.dialect() == Dialect::kPostgres;
    const auto limit = tx.First<std::string>(postgres ? "select current_setting('lock_timeout')" : "select 'one writer'");
    EXPECT_EQ(std::get<0>(*limit), postgres ? "1min" : "one writer");
  });
}

TEST_P(ConcurrencyTest, rows_are_held_in_the_order_of_their_keys) {
  Do([](Tx& tx) {
    for (const char* id : {"a", "b"}) tx.Upsert(kRecords, {std::string(id), std::int64_t{0}, std::string()});
  });
  const auto add = [](std::vector<std::string> ids) {
    return [ids](Tx& tx) {
      const auto rows = tx.LoadForUpdate<std::string, std::int64_t>("select id, version from records where id in (:keys)", "id", ids);
      EXPECT_EQ(rows.size(), 2U);
      EXPECT_EQ(std::get<0>(rows.front()), "a");
      for (const auto& [id, version] : rows) {
        tx.Exec("update records set version = :version where id = :id", {{"version", version + 1}, {"id", id}});
      }
    };
  };
  const auto raced = renxin::testing::Race(url(), "for update", add({"b", "a", "b"}), add({"a", "b"}));
  EXPECT_EQ(raced.first_runs, 1);
  EXPECT_EQ(raced.second_waited, GetParam() == "postgres");
  Do([](Tx& tx) {
    EXPECT_EQ(tx.Select<std::int64_t>("select version from records where id in ('a', 'b') order by id limit 2"),
              (std::vector<std::tuple<std::int64_t>>{{2}, {2}}));
  });
}

}  // namespace
}  // namespace renxin::db
