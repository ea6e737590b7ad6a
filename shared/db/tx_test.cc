#include "shared/db/tx.h"

#include "shared/db/lookup.h"
#include "shared/testing/databases.h"

namespace renxin::db {
namespace {

class TxTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    session_ = std::make_unique<Session>(url());
    Tx tx(*session_, false);
    tx.Exec("create table t (id bigint primary key, name text, amount bigint)");
    tx.Commit();
  }
  void TearDown() override { session_.reset(); }
  std::int64_t Count() {
    Tx tx(*session_, true);
    return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from t"));
  }
  std::unique_ptr<Session> session_;
};
RENXIN_ON_BOTH_DATABASES(TxTest);

// SQLite's INTEGER columns read as 32 bits through SOCI's dynamic rows; ours do not.
TEST_P(TxTest, big_numbers_null_and_text_come_back_as_they_went) {
  Tx tx(*session_, false);
  const std::int64_t big = 9'007'199'254'740'993;
  tx.Exec("insert into t (id, name, amount) values (:id, :name, :amount)",
          {{"id", big}, {"name", "李'; drop table t"}, {"amount", Value()}});
  const auto row =
      tx.First<std::int64_t, std::string, std::optional<std::int64_t>>("select id, name, amount from t where id = :id", {{"id", big}});
  ASSERT_TRUE(row);
  EXPECT_EQ(std::get<0>(*row), big);
  EXPECT_EQ(std::get<1>(*row), "李'; drop table t");
  EXPECT_FALSE(std::get<2>(*row));
  EXPECT_FALSE(tx.First<std::int64_t>("select id from t where id = 1"));
}

TEST_P(TxTest, staged_rows_are_there_for_the_next_read_and_the_later_row_of_a_key_wins) {
  static const InsertSpec kUpsert{.table = "t",
                                  .columns = {"id", "name", "amount"},
                                  .suffix = "on conflict (id) do update set name = excluded.name, amount = excluded.amount",
                                  .key_columns = 1};
  Tx tx(*session_, false);
  for (std::int64_t i = 0; i < 1'000; ++i) tx.Stage(kUpsert, {i % 700, std::string("n") + std::to_string(i), i});
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from t")), 700);
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select amount from t where id = 299")), 999);
  tx.Commit();
  EXPECT_EQ(Count(), 700);
}

TEST_P(TxTest, what_is_not_committed_is_gone) {
  {
    Tx tx(*session_, false);
    tx.Exec("insert into t (id) values (1)");
  }
  EXPECT_EQ(Count(), 0);
}

// On an aborted transaction SOCI reports the COMMIT as a success and nothing is stored.
TEST_P(TxTest, commit_of_an_aborted_transaction_is_never_a_success) {
  Tx tx(*session_, false);
  tx.Exec("insert into t (id) values (1)");
  EXPECT_THROW(tx.Exec("insert into t (id) values (1)"), DbError);
  bool committed = true;
  try {
    tx.Commit();
  } catch (const DbError&) {
    committed = false;
    tx.Rollback();
  }
  EXPECT_EQ(Count(), committed ? 1 : 0);
  EXPECT_EQ(committed, GetParam() == "sqlite") << "PostgreSQL aborts on the first error, SQLite does not";
}

TEST_P(TxTest, errors_say_their_kind_and_no_values) {
  Tx tx(*session_, false);
  tx.Exec("insert into t (id, name) values (1, :phone)", {{"phone", "13800138000"}});
  try {
    tx.Exec("insert into t (id, name) values (1, :phone)", {{"phone", "13800138000"}});
    FAIL() << "a duplicate was taken";
  } catch (const DbError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConstraint);
    EXPECT_EQ(std::string(error.what()).find("138"), std::string::npos) << error.what();
  }
}

// Statements are kept prepared from one use to the next.
TEST_P(TxTest, a_statement_runs_again_with_other_values_and_after_it_failed) {
  const auto insert = [this](std::int64_t id, const Value& name) {
    Tx tx(*session_, false);
    tx.Exec("insert into t (id, name) values (:id, :name)", {{"id", id}, {"name", name}});
    tx.Commit();
  };
  insert(1, "one");
  for (int i = 0; i < 20; ++i) EXPECT_THROW(insert(1, "again"), DbError);
  insert(2, Value());
  insert(3, std::string(100'000, 'x'));
  insert(4, "four");
  Tx tx(*session_, true);
  const auto name = [&tx](std::int64_t id) {
    const auto row = tx.First<std::optional<std::string>>("select name from t where id = :id", {{"id", id}});
    return row ? std::get<0>(*row) : std::optional<std::string>("no row");
  };
  EXPECT_EQ(name(1), "one");
  EXPECT_EQ(name(2), std::nullopt);
  EXPECT_EQ(name(3), std::string(100'000, 'x'));
  EXPECT_EQ(name(4), "four");
  EXPECT_EQ(name(5), "no row");
  EXPECT_EQ(name(1), "one");
}

TEST_P(TxTest, no_more_statements_are_kept_than_the_bound) {
  for (int i = 0; i < 400; ++i) {
    Tx tx(*session_, true);
    EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select cast(" + std::to_string(i) + " as bigint)")), i);
  }
  for (int i = 0; i < 400; ++i) {
    Tx tx(*session_, false);
    EXPECT_THROW(tx.Exec("insert into t (id, name) values (" + std::to_string(i) + ", 'a'), (" + std::to_string(i) + ", 'b')"), DbError);
  }
  if (GetParam() == "sqlite") return;
  Tx tx(*session_, true);
  EXPECT_LE(std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from pg_prepared_statements")), 260);
}

// A reader that was not read to its end would keep the file's old pages from everybody.
TEST_P(TxTest, a_read_sees_what_was_written_since_the_one_before) {
  Session other(url());
  for (std::int64_t i = 0; i < 3; ++i) {
    {
      Tx tx(other, false);
      tx.Exec("insert into t (id) values (:id)", {{"id", i}});
      tx.Commit();
    }
    Tx tx(*session_, true);
    EXPECT_EQ(tx.First<std::int64_t>("select id from t order by id desc"), std::make_tuple(i));
  }
}

TEST_P(TxTest, a_conflict_that_does_nothing_affects_no_row) {
  Tx tx(*session_, false);
  EXPECT_EQ(tx.Exec("insert into t (id) values (1) on conflict do nothing"), 1);
  EXPECT_EQ(tx.Exec("insert into t (id) values (1) on conflict do nothing"), 0);
  EXPECT_EQ(tx.Exec("update t set amount = 5 where id = 2"), 0);
}

TEST_P(TxTest, many_keys_are_sent_in_bounded_groups) {
  Tx tx(*session_, false);
  static const InsertSpec kInsert{.table = "t", .columns = {"id", "name"}};
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < 1'500; ++i) {
    names.push_back("n" + std::to_string(i));
    tx.Stage(kInsert, {i, names.back()});
  }
  EXPECT_EQ(tx.SelectIn<std::int64_t>("select id from t where name in (:keys)", names).size(), 1'500U);
  EXPECT_EQ(tx.ExecIn("update t set amount = :amount where name in (:keys)", names, {{"amount", 7}}), 1'500);
}

// PostgreSQL is sent whole columns as arrays: nothing in a text may be taken for a part of one.
TEST_P(TxTest, staged_texts_arrive_as_they_are) {
  const std::vector<std::string> texts = {"",    "null", "NULL", "{}",        "{a,b}", "\"",  "\\", "\\\"", "a,b",
                                          "a b", " a ",  "'",    "new\nline", "\t",    ":c0", "$1", "张伟", "\xF0\xA0\xAE\xB7"};
  static const InsertSpec kInsert{.table = "t", .columns = {"id", "name", "amount"}};
  Tx tx(*session_, false);
  for (std::size_t i = 0; i < texts.size(); ++i) tx.Stage(kInsert, {static_cast<std::int64_t>(i), texts[i], Value()});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row =
        tx.First<std::optional<std::string>, std::optional<std::int64_t>>("select name, amount from t where id = :id", {{"id", i}});
    ASSERT_TRUE(row) << texts[i];
    EXPECT_EQ(std::get<0>(*row), texts[i]);
    EXPECT_EQ(std::get<1>(*row), std::nullopt);
  }
  EXPECT_EQ(tx.SelectIn<std::int64_t>("select id from t where name in (:keys)", texts).size(), texts.size());
  // NULL is no text, also beside texts and numbers.
  tx.Stage(kInsert, {std::int64_t{100}, Value(), std::int64_t{-1}});
  tx.Stage(kInsert, {std::int64_t{101}, "null", Value()});
  const auto mixed =
      tx.Select<std::optional<std::string>, std::optional<std::int64_t>>("select name, amount from t where id >= 100 order by id");
  ASSERT_EQ(mixed.size(), 2U);
  EXPECT_EQ(mixed[0], std::make_tuple(std::optional<std::string>(), std::optional<std::int64_t>(-1)));
  EXPECT_EQ(mixed[1], std::make_tuple(std::optional<std::string>("null"), std::optional<std::int64_t>()));
}

TEST_P(TxTest, the_later_row_of_a_key_wins) {
  static const InsertSpec kPut{
      .table = "t", .columns = {"id", "name"}, .suffix = "on conflict (id) do update set name = excluded.name", .key_columns = 1};
  Tx tx(*session_, false);
  for (std::int64_t i = 0; i < 600; ++i) tx.Stage(kPut, {i % 300, "n" + std::to_string(i)});
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from t")), 300);
  EXPECT_EQ(std::get<0>(*tx.First<std::string>("select name from t where id = 299")), "n599");
}

TEST_P(TxTest, rows_update_rows) {
  Tx tx(*session_, false);
  tx.Exec("insert into t (id, amount) values (1, 0), (2, 0), (3, 0)");
  EXPECT_EQ(tx.ExecRows("update t set amount = v.column2 from (", {"bigint", "bigint"},
                        {{std::int64_t{1}, std::int64_t{10}}, {std::int64_t{3}, std::int64_t{30}}}, ") as v where t.id = v.column1"),
            2);
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select amount from t where id = 3")), 30);
}

// On PostgreSQL the rows go with the commit, and nobody looks in between.
TEST_P(TxTest, what_must_be_new_and_is_not_keeps_all_of_it_from_being_committed) {
  static const InsertSpec kNew{
      .table = "t", .columns = {"id", "name"}, .suffix = "on conflict (id) do nothing", .key_columns = 1, .must_be_new = true};
  const auto add = [&](std::vector<std::int64_t> ids) {
    Tx tx(*session_, false);
    for (const std::int64_t id : ids) tx.Stage(kNew, {id, std::string("x")});
    tx.Commit();
  };
  add({1, 2});
  try {
    add({3, 2});
    FAIL() << "2 was there";
  } catch (const DbError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kRetry);
  }
  EXPECT_EQ(Count(), 2);
  add({3});
  EXPECT_EQ(Count(), 3) << "the session goes on";
}

TEST_P(TxTest, a_lookup_that_fails_ends_the_transaction_and_not_the_session) {
  static const Lookup<std::string, std::int64_t> kGood(
      {.sql = "select name, id from t where name in (:keys)", .table = "t", .key = "name"});
  static const Lookup<std::string> kBad({.sql = "select name from not_there where name in (:keys)", .table = "not_there", .key = "name"});
  {
    Tx tx(*session_, false);
    kGood.Want(tx, {"a"});
    kBad.Want(tx, {"b"});
    EXPECT_THROW(tx.FetchWanted(), DbError);
  }
  Tx tx(*session_, false);
  tx.Exec("insert into t (id, name) values (1, 'a')");
  kGood.Want(tx, {"a"});
  tx.FetchWanted();
  EXPECT_EQ(kGood.Get(tx, {"a"}).size(), 1U);
  tx.Commit();
  EXPECT_EQ(Count(), 1);
}

TEST_P(TxTest, more_keys_than_go_in_one_round_trip_are_found_all_the_same) {
  static const Lookup<std::string, std::int64_t> kByName(
      {.sql = "select name, id from t where name in (:keys)", .table = "t", .key = "name"});
  static const InsertSpec kRows{.table = "t", .columns = {"id", "name"}, .suffix = ""};
  std::vector<std::string> names;
  names.reserve(600);
  for (int i = 0; i < 600; ++i) names.push_back(std::string(200, 'n') + std::to_string(i));
  Tx tx(*session_, false);
  for (std::size_t i = 0; i < names.size(); ++i) tx.Stage(kRows, {static_cast<std::int64_t>(i), names[i]});
  kByName.Want(tx, names);
  tx.FetchWanted();
  EXPECT_EQ(kByName.Get(tx, names).size(), names.size());
  tx.Commit();
  EXPECT_EQ(Count(), 600);
}

TEST_P(TxTest, what_is_nested_stands_or_falls_by_itself) {
  static const InsertSpec kRows{.table = "t", .columns = {"id", "name"}, .suffix = ""};
  Tx tx(*session_, false);
  const auto add = [&](std::int64_t id) { tx.Stage(kRows, {id, std::string("x")}); };
  add(1);
  tx.Nested([&] { add(2); });
  EXPECT_THROW(tx.Nested([&] {
    add(3);
    throw std::runtime_error("not today");
  }),
               std::runtime_error);
  // What breaks a rule of the table breaks it only when it is sent.
  EXPECT_THROW(tx.Nested([&] { add(1); }), DbError);
  add(4);
  tx.Commit();
  EXPECT_EQ(Count(), 3) << "1, 2 and 4";
}

// One writer a file: the second waits for the first instead of failing at once.
TEST_P(TxTest, a_second_writer_waits) {
  Session other(url());
  Tx first(*session_, false);
  first.Exec("insert into t (id) values (1)");
  std::thread second([&other] {
    Tx tx(other, false);
    tx.Exec("insert into t (id) values (2)");
    tx.Commit();
  });
  first.Commit();
  second.join();
  EXPECT_EQ(Count(), 2);
}

}  // namespace
}  // namespace renxin::db
