// Rows that wait.

#include "shared/intake/engine_test.h"
#include "shared/testing/race.h"

namespace renxin::intake {
namespace {

class WaitingTest : public EngineTest {};
RENXIN_ON_BOTH_DATABASES(WaitingTest);

// What it needs next arrives while it is looked at, from another session, which does not see yet that it is needed.
TEST_P(WaitingTest, L11_a_row_that_waits_for_something_else_now_finds_what_came_at_that_moment) {
  Do([](Tx& tx) {
    tx.Exec("create table there (name text)");
    return true;
  });
  const auto there = [](Tx& tx, std::string_view name) {
    return tx.First<std::string>("select name from there where name = :name", {{"name", name}}).has_value();
  };
  const auto arrives = [this](db::Session& session, std::string_view kind) {
    Tx tx(session, false);
    tx.Exec("insert into there (name) values (:name)", {{"name", kind}});
    engine_.Arrived(tx, id_, kind, {"n1"}, now_);
    tx.Commit();
  };
  db::Session other(url());
  // SQLite has one writer: there it can only come before or after.
  std::function<void()> meanwhile = db::IsSqlite(url()) ? std::function<void()>([] {}) : [&] { arrives(other, "pledges"); };
  const auto apply = [&](Tx& tx, Batch&, const std::vector<Record>& records) {
    if (!there(tx, "owners")) return std::vector<Outcome>(records.size(), Outcome::Waiting("owner_no", "owners", "n1"));
    if (there(tx, "pledges")) return std::vector<Outcome>(records.size(), Outcome::Created("t-1"));
    std::exchange(meanwhile, [] {})();
    return std::vector<Outcome>(records.size(), Outcome::Waiting("name", "pledges", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  const auto retry = [&] {
    Do([&](Tx& tx) {
      RetryWaiting(tx, engine_, {.now = now_, .key = "loans/" + id_, .env = env_});
      return true;
    });
  };
  const auto waiting = [&] { return Do([](Tx& tx) { return store::CountWaiting(tx); }); };
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  EXPECT_EQ(waiting(), 1);
  arrives(session(), "owners");
  retry();
  EXPECT_EQ(waiting(), 1);
  if (db::IsSqlite(url())) arrives(session(), "pledges");
  now_ = now_.Plus(std::chrono::minutes(1));
  retry();
  EXPECT_EQ(waiting(), 0);
}

// The source is closed while what a row waited for has just come and the row is being applied: it is one or the other.
TEST_P(WaitingTest, L11_a_waiting_row_is_not_both_taken_and_refused_when_its_source_is_closed) {
  bool there = false;
  const auto apply = [&](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), there ? Outcome::Created("t-1") : Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  there = true;
  now_ = now_.Plus(std::chrono::minutes(1));
  renxin::testing::Race(
      url(), "from waiting_rows", [&](Tx& tx) { CloseWaiting(tx, engine_, env_, "loans", id_, {}, now_, now_, store::Busy::kWaited); },
      [&](Tx& tx) { RetryWaiting(tx, engine_, {.now = now_, .key = "loans/" + id_, .env = env_}); });
  const auto op = Do([&](Tx& tx) { return *store::Load(tx, id_, false); });
  EXPECT_EQ(op.report.waiting(), 0);
  EXPECT_EQ(op.report.created() + op.report.refused(), 1);
}

// A slice holds its import and schedules the timer of rows that wait; the timer holds itself and counts in that import. On two replicas
// each would wait for the other.
TEST_P(WaitingTest, the_timer_of_waiting_rows_does_not_wait_for_an_import_that_is_held) {
  const auto apply = [](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  now_ = now_.Plus(std::chrono::minutes(1));
  const std::string key = "loans/" + id_;
  const auto raced = renxin::testing::Race(
      url(), "from imports",
      [&](Tx& tx) {
        auto op = *store::Load(tx, id_, true);
        Record record{.no = "2", .rows = {{.line = 3, .cells = {"2", "n2", "n1"}}}, .target_id = ""};
        ApplyRecords(tx, engine_, *engine_.Find("loans"), op, {record}, env_, now_);
        store::Save(tx, op);
      },
      [&](Tx& tx) {
        // As the loop of timers does it.
        tx.Exec("delete from timers where kind = 'import.retry' and key = :key", {{"key", key}});
        RetryWaiting(tx, engine_, {.now = now_, .key = key, .env = env_});
      });
  EXPECT_FALSE(raced.second_waited);
  EXPECT_EQ(raced.first_runs, 1);
  EXPECT_EQ(raced.second_runs, 1);
  // It comes back for what it left.
  EXPECT_EQ(Do([&](Tx& tx) { return tx.Select<std::int64_t>("select due_at from timers where key = :key", {{"key", key}}).size(); }), 2);
}

// The same record comes in another file while the row that waits is applied.
TEST_P(WaitingTest, L11_a_waiting_row_that_is_taken_meanwhile_is_not_taken_back) {
  bool there = false;
  const auto apply = [&](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), there ? Outcome::Created("t-1") : Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  there = true;
  now_ = now_.Plus(std::chrono::minutes(1));
  store::Import again{.id = "again", .kind = "loans", .source = id_};
  Do([&](Tx& tx) {
    store::Insert(tx, again);
    return true;
  });
  renxin::testing::Race(
      url(), "select operation_id from waiting_rows",
      [&](Tx& tx) {
        auto op = *store::Load(tx, again.id, true);
        Record record{.no = "1", .rows = {{.line = 2, .cells = {"1", "n2", "n1"}}}, .target_id = ""};
        ApplyRecords(tx, engine_, *engine_.Find("loans"), op, {record}, env_, now_);
        store::Save(tx, op);
      },
      [&](Tx& tx) { RetryWaiting(tx, engine_, {.now = now_, .key = "loans/" + id_, .env = env_}); });
  const auto first = Do([&](Tx& tx) { return *store::Load(tx, id_, false); });
  EXPECT_EQ(first.report.waiting(), 0);
  EXPECT_EQ(first.report.created() + first.report.unchanged(), 1);
}

// A step holds its operation and wakes rows; what retries them holds the rows and counts them in their operation.
TEST_P(WaitingTest, L11_a_step_that_wakes_rows_and_their_retry_do_not_wait_for_each_other) {
  const auto apply = [](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), Outcome::Refused("owner_no", "no"));
  };
  const auto waits = [](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = waits});
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  now_ = now_.Plus(std::chrono::minutes(1));
  Engine refusing("test");
  refusing.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  const auto raced = renxin::testing::Race(
      url(), "from waiting_rows", [&](Tx& tx) { RetryWaiting(tx, refusing, {.now = now_, .key = "loans/" + id_, .env = env_}); },
      [&](Tx& tx) {
        auto op = *store::Load(tx, id_, true);
        engine_.Arrived(tx, id_, "owners", {"n1"}, now_);
        store::Save(tx, op);
      });
  EXPECT_EQ(raced.first_runs, 1);
  EXPECT_EQ(raced.second_runs, 1);
  EXPECT_EQ(Do([&](Tx& tx) { return store::Load(tx, id_, false)->report.refused(); }), 1);
}

// L11: a row waits for a day, whatever else comes to wait meanwhile.
TEST_P(WaitingTest, L11_a_waiting_row_ends_by_its_own_age) {
  const auto apply = [](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  const std::string source = "hospital";
  const auto begin = [&](const std::string& file) {
    Begin("loans", file);
    Do([&](Tx& tx) { tx.Exec("update imports set source = :source where id = :id", {{"source", source}, {"id", id_}}); });
    Finished();
  };
  const Instant first = now_;
  begin("thing_no,name,owner_no\n1,a,n1\n");
  now_ = first.Plus(std::chrono::hours(23));
  begin("thing_no,name,owner_no\n2,b,n1\n");
  const auto due = [&] {
    return Do([&](Tx& tx) { return tx.First<std::int64_t>("select due_at from timers where kind = 'import.close'"); });
  };
  EXPECT_EQ(std::get<0>(*due()), first.Plus(std::chrono::hours(24)).micros) << "not put off by the second";
  const auto close = [&] {
    Do([&](Tx& tx) {
      tx.Exec("delete from timers where kind = 'import.close'");
      CloseOld(tx, engine_, {.now = now_, .key = "loans/" + source, .env = env_});
    });
    return Do([](Tx& tx) { return store::CountWaiting(tx); });
  };
  now_ = first.Plus(std::chrono::hours(24));
  EXPECT_EQ(close(), 2) << "not older than a day yet";
  now_ = now_.Plus(std::chrono::microseconds(1));
  EXPECT_EQ(close(), 1);
  EXPECT_EQ(std::get<0>(*due()), first.Plus(std::chrono::hours(47)).micros);
  now_ = first.Plus(std::chrono::hours(48));
  EXPECT_EQ(close(), 0);
  EXPECT_FALSE(due());
}

}  // namespace
}  // namespace renxin::intake
