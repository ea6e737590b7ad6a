#include "shared/db/lookup.h"

#include "shared/db/lookups.h"
#include "shared/testing/databases.h"

namespace renxin::db {
namespace {

const Lookup<std::string, std::string> kByColour(
    {.sql = "select id, colour from things where colour in (:keys) order by id", .table = "things", .key = "colour", .key_at = 1});
const InsertSpec kThingRows{.table = "things", .columns = {"id", "colour", "size"}};
const InsertSpec kSizeRows{.table = "sizes", .columns = {"id", "size"}};

class LookupTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    session_ = std::make_unique<Session>(url());
    Tx tx(*session_, false);
    tx.Exec("create table things (id text primary key, colour text, size bigint)");
    tx.Exec("create table sizes (id text primary key, size smallint)");
    tx.Exec("insert into things (id, colour) values ('a', 'red'), ('b', 'blue'), ('c', 'red')");
    tx.Commit();
    // The begin goes with the first statement, whichever that is.
    session_->ObserveStatements([this](std::string_view sql) { statements_ += sql == "begin" ? 0 : 1; });
  }
  void TearDown() override { session_.reset(); }
  static std::string Ids(Tx& tx, const std::vector<std::string>& colours) {
    std::string out;
    for (const auto& [id, colour] : kByColour.Get(tx, colours)) out += id;
    return out;
  }
  // How many statements `run` takes.
  int Statements(const std::function<void()>& run) {
    const int before = statements_;
    run();
    return statements_ - before;
  }
  std::unique_ptr<Session> session_;
  int statements_ = 0;
};
RENXIN_ON_BOTH_DATABASES(LookupTest);

TEST_P(LookupTest, what_was_declared_is_asked_for_once_for_all) {
  Tx tx(*session_, false);
  EXPECT_EQ(Statements([&] {
              kByColour.Want(tx, {"red"});
              kByColour.Want(tx, {"blue", "green", "red"});
              tx.FetchWanted();
            }),
            1);
  EXPECT_EQ(Statements([&] {
              EXPECT_EQ(Ids(tx, {"red"}), "ac");
              EXPECT_EQ(Ids(tx, {"blue", "green"}), "b");
              EXPECT_EQ(Ids(tx, {"green"}), "") << "that there is none is known, too";
            }),
            0);
  EXPECT_EQ(Statements([&] { EXPECT_EQ(Ids(tx, {"red", "white"}), "ac"); }), 1) << "what was not declared is asked for";
}

TEST_P(LookupTest, a_staged_row_is_seen_by_its_key_and_by_no_other) {
  Tx tx(*session_, false);
  kByColour.Want(tx, {"red", "blue"});
  tx.FetchWanted();
  tx.Stage(kThingRows, {std::string("d"), std::string("red"), std::int64_t{1}});
  EXPECT_EQ(Statements([&] { EXPECT_EQ(Ids(tx, {"blue"}), "b"); }), 0);
  EXPECT_EQ(Statements([&] { EXPECT_EQ(Ids(tx, {"red"}), "acd"); }), 2) << "the insert, then the query";
}

TEST_P(LookupTest, a_staged_row_that_may_replace_another_puts_all_of_its_table_out_of_date) {
  static const InsertSpec kReplace{.table = "things",
                                   .columns = {"id", "colour"},
                                   .suffix = "on conflict (id) do update set colour = excluded.colour",
                                   .key_columns = 1};
  Tx tx(*session_, false);
  kByColour.Want(tx, {"red", "blue"});
  tx.FetchWanted();
  tx.Stage(kReplace, {std::string("a"), std::string("blue")});
  EXPECT_EQ(Ids(tx, {"red"}), "c") << "a has left it";
  EXPECT_EQ(Ids(tx, {"blue"}), "ab");
}

// In one statement neither would see the other's row, and PostgreSQL would refuse it.
TEST_P(LookupTest, what_goes_into_one_table_in_two_ways_goes_one_after_the_other) {
  static const InsertSpec kKeep{.table = "things", .columns = {"id", "colour"}, .suffix = "on conflict do nothing"};
  static const InsertSpec kReplace{.table = "things",
                                   .columns = {"id", "colour"},
                                   .suffix = "on conflict (id) do update set colour = excluded.colour",
                                   .key_columns = 1};
  Tx tx(*session_, false);
  tx.Stage(kKeep, {std::string("n"), std::string("kept")});
  tx.Stage(kSizeRows, {std::string("n"), std::int64_t{1}});
  tx.Stage(kReplace, {std::string("n"), std::string("replaced")});
  EXPECT_EQ(Ids(tx, {"kept", "replaced"}), "n");
  EXPECT_EQ(std::get<0>(*tx.First<std::string>("select colour from things where id = 'n'")), "replaced");
}

TEST_P(LookupTest, a_statement_that_writes_puts_all_of_its_table_out_of_date) {
  Tx tx(*session_, false);
  kByColour.Want(tx, {"red", "blue"});
  tx.FetchWanted();
  tx.Exec("insert into sizes (id, size) values ('x', 1)");
  EXPECT_EQ(Statements([&] { EXPECT_EQ(Ids(tx, {"red"}), "ac"); }), 0) << "another table";
  tx.Exec("update things set colour = 'blue' where id = 'a'");
  EXPECT_EQ(Ids(tx, {"red"}), "c");
  EXPECT_EQ(Ids(tx, {"blue"}), "ab");
}

TEST_P(LookupTest, staged_rows_of_several_tables_go_at_once_and_wait_for_who_reads_them) {
  Tx tx(*session_, false);
  const auto stage = [&](const std::string& id) {
    tx.Stage(kThingRows, {id, Value(), Value()});
    tx.Stage(kSizeRows, {id, std::int64_t{7}});
  };
  stage("e");
  tx.Flush();  // PostgreSQL: the types of the columns are known from here on
  stage("f");
  stage("g");
  EXPECT_EQ(Statements([&] { EXPECT_FALSE(tx.First<std::string>("select name from (select 'x' as name) as other where name = 'y'")); }), 1)
      << "a statement that names neither table";
  EXPECT_EQ(Statements([&] { tx.Flush(); }), tx.dialect() == Dialect::kPostgres ? 1 : 2);
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from things where size is null")), 6);
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select cast(sum(size) as bigint) from sizes")), 21);
}

TEST_P(LookupTest, of_several_tables_one_row_that_is_there_already_fails_all) {
  static const InsertSpec kNew{
      .table = "things", .columns = {"id", "colour"}, .suffix = "on conflict (id) do nothing", .must_be_new = true};
  Tx tx(*session_, false);
  tx.Stage(kSizeRows, {std::string("h"), std::int64_t{7}});
  tx.Stage(kNew, {std::string("a"), std::string("red")});
  try {
    tx.Flush();
    ADD_FAILURE() << "a is there";
  } catch (const DbError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kRetry);
  }
}

TEST_P(LookupTest, locks_are_taken_once_and_only_where_rows_can_be_locked) {
  Tx tx(*session_, false);
  const int each = tx.dialect() == Dialect::kPostgres ? 1 : 0;
  EXPECT_EQ(Statements([&] {
              tx.WantLocks("colour", {"red", "blue"});
              tx.WantLocks("colour", {"green", "red"});
              tx.FetchWanted();
            }),
            each);
  EXPECT_EQ(Statements([&] { tx.HoldLocks("colour", {"red", "green"}); }), 0);
  EXPECT_EQ(Statements([&] { tx.HoldLocks("size", {"red"}); }), each) << "another kind is another lock";
}

TEST_P(LookupTest, one_statement_needs_no_transaction_and_is_one) {
  Tx tx(*session_, true, Reads::kStatement);
  tx.ExpectOneStatement();
  EXPECT_EQ(Ids(tx, {"red"}), "ac");
  EXPECT_THROW(Ids(tx, {"red"}), std::logic_error);
  EXPECT_THROW(tx.Exec("delete from things"), std::logic_error) << "a query writes nothing";
}

TEST(Mentions, is_of_a_whole_name) {
  EXPECT_TRUE(Mentions("select id from things", "things"));
  EXPECT_TRUE(Mentions("insert into things (id)", "things"));
  EXPECT_TRUE(Mentions("select 1 from other_things, things t", "things"));
  EXPECT_FALSE(Mentions("select id from other_things", "things"));
  EXPECT_FALSE(Mentions("select id from things_seen", "things"));
  EXPECT_FALSE(Mentions("", "things"));
}

}  // namespace
}  // namespace renxin::db
