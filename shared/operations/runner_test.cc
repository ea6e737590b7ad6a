#include "shared/operations/runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>

#include "renxin/operations/v1/operations.pb.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/service.h"
#include "shared/testing/databases.h"

namespace renxin::operations {
namespace {

using renxin::testing::Eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ReadsHere final : public runtime::ServiceClient {
 public:
  explicit ReadsHere(std::string url) : url_(std::move(url)) {}
  Result<std::string> CallBytes(std::string_view, std::string_view, const google::protobuf::Message&, std::string_view) override {
    return Error{};
  }
  void Read(const std::function<void(Tx&)>& run) override {
    db::Session session(url_);
    Tx tx(session, true);
    run(tx);
    tx.Rollback();
    ++reads;
  }

  // Of a runner: how often it has looked for work.
  std::atomic<int> reads{0};

 private:
  std::string url_;
};

class RunnerTest : public renxin::testing::OnServiceTables {
 protected:
  RunnerTest() : OnServiceTables({}) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([](Tx& tx) {
      tx.Exec("create table things (id bigint primary key)");
      return true;
    });
  }
  void TearDown() override {
    runners_.clear();
    lanes_.clear();
    OnServiceTables::TearDown();
  }
  // Adds one thing a commit, `total` of them.
  Type Counting() {
    return {.name = "count",
            .roles = {"operations"},
            .run =
                [this](operations::Run& run) {
                  run.Commit([&](Tx& tx, Operation& op, Instant) {
                    if (failing_) throw std::logic_error("not today");
                    ++steps_;
                    tx.Exec("insert into things (id) values (:id)", {{"id", op.done}});
                    op.checkpoint = std::to_string(++op.done);
                    if (op.done == op.total) op.Finish();
                  });
                  if (after_step_) after_step_();
                },
            .discard =
                [](Tx& tx, const Operation&) {
                  tx.Exec("delete from things where id in (select id from things order by id limit 2)");
                  return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from things")) > 0;
                }};
  }
  // What a test sees of a type that waits before it works. Both live as long as the type: a test that fails ends before its runners.
  struct Step {
    std::atomic<int> begun{0};
    std::promise<void> first;
    std::promise<std::string> ended;
  };
  Type Waiting(const std::shared_ptr<Step>& step, const std::shared_future<void>& goes_on) {
    Type type = Counting();
    type.run = [step, goes_on, count = type.run](operations::Run& run) {
      const bool first = ++step->begun == 1;
      if (first) step->first.set_value();
      goes_on.wait();
      try {
        count(run);
        if (first) step->ended.set_value("committed");
      } catch (const Interrupted& why) {
        if (first) step->ended.set_value(why.what());
        throw;
      }
    };
    return type;
  }
  void Start(Type type, RunnerOptions options = {}) {
    options.url = url();
    if (options.owner.empty()) options.owner = "here";
    const std::string name = type.name;
    lanes_.push_back(std::make_unique<db::Lanes>(url(), "operations", 2));
    clients_.push_back(std::make_unique<ReadsHere>(url()));
    runners_.push_back(
        std::make_unique<Runner>(std::map<std::string, Type>{{name, std::move(type)}}, options, env_, *lanes_.back(), *clients_.back()));
  }
  // What the last one started finds from now on, it has seen twice.
  bool LooksTwice() {
    const int before = clients_.back()->reads;
    return Eventually(seconds(20), [&] {
      runners_.back()->Notify(db::Concern::kOperations);
      return clients_.back()->reads >= before + 2;
    });
  }
  std::string Add(std::int64_t total, const std::string& type = "count") {
    return Do([&](Tx& tx) { return Insert(tx, {.service = "test", .type = type, .subject = "x", .total = total}, "clerk", now_).id; });
  }
  Operation Get(const std::string& id) {
    return Do([&](Tx& tx) { return *Load(tx, id); });
  }
  bool Ends(const std::string& id, State state) {
    return Eventually(seconds(20), [&] { return Get(id).ended(); }) && Get(id).state == state;
  }
  Instant LeaseUntil(const std::string& id) {
    return Do([&](Tx& tx) {
      return Instant{std::get<0>(*tx.First<std::int64_t>("select due_at from operations where id = :id", {{"id", id}}))};
    });
  }
  // How the database finds the rows of the statement that begins `sql`, after `run` has run it.
  std::string PlanOf(const std::function<void(Tx&)>& run, std::string_view begins, const std::map<std::string, std::string>& values) {
    std::string sql;
    session().ObserveStatements([&](std::string_view one) {
      if (one.starts_with(begins)) sql = one;
    });
    Do(run);
    session().ObserveStatements(nullptr);
    for (const auto& [name, value] : values) {
      for (std::size_t at = sql.find(name); at != std::string::npos; at = sql.find(name)) sql.replace(at, name.size(), value);
    }
    std::string plan;
    Do([&](Tx& tx) {
      if (tx.dialect() == db::Dialect::kPostgres) {
        for (auto& [line] : tx.Select<std::string>("explain " + sql)) plan += line + "\n";
      } else {
        for (auto& [id, parent, unused, detail] :
             tx.Select<std::int64_t, std::int64_t, std::int64_t, std::string>("explain query plan " + sql))
          plan += detail + "\n";
      }
    });
    return plan;
  }
  std::int64_t Things() {
    return Do([](Tx& tx) { return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from things")); });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = runtime::Now();
  std::atomic<int> steps_{0};
  std::atomic<bool> failing_{false};
  std::function<void()> after_step_;
  std::vector<std::unique_ptr<ReadsHere>> clients_;
  std::vector<std::unique_ptr<db::Lanes>> lanes_;
  std::vector<std::unique_ptr<Runner>> runners_;
};
RENXIN_ON_BOTH_DATABASES(RunnerTest);

TEST_P(RunnerTest, an_operation_moves_on_step_by_step_to_its_end) {
  const std::string id = Add(5);
  Start(Counting());
  ASSERT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
  EXPECT_EQ(Get(id).done, 5);
  EXPECT_EQ(Things(), 5);
  EXPECT_EQ(steps_, 5);
}

TEST_P(RunnerTest, two_replicas_never_do_a_step_twice) {
  std::vector<std::string> ids;
  ids.reserve(6);
  for (int i = 0; i < 6; ++i) ids.push_back(Add(1, "many"));
  Type many{.name = "many", .roles = {}, .run = [this](operations::Run& run) {
              run.Commit([&](Tx&, Operation& op, Instant) {
                ++steps_;
                op.Finish();
              });
            }};
  Start(many, {.url = "", .owner = "one"});
  if (GetParam() == "postgres") Start(many, {.url = "", .owner = "two"});
  for (const std::string& id : ids) EXPECT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
  EXPECT_EQ(steps_, 6);
}

TEST_P(RunnerTest, a_lease_that_ran_out_is_taken_over_and_the_first_writes_nothing_more) {
  const std::string id = Add(2);
  std::optional<Operation> first = Do([&](Tx& tx) { return Claim(tx, id, "gone/1", now_, now_.Plus(milliseconds(300))); });
  ASSERT_TRUE(first);
  EXPECT_FALSE(Do([&](Tx& tx) { return Claim(tx, id, "other/1", now_, now_.Plus(seconds(10))); })) << "it is leased";
  Start(Counting());
  ASSERT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
  EXPECT_FALSE(Do([&](Tx& tx) { return LoadUnderLease(tx, id, "gone/1"); }));
  EXPECT_EQ(Things(), 2);
}

TEST_P(RunnerTest, a_replica_that_starts_again_goes_on_at_once) {
  const std::string id = Add(2);
  Do([&](Tx& tx) { return Claim(tx, id, "here/1", now_, now_.Plus(seconds(3'600))); });
  Do([&](Tx& tx) {
    ReleaseAllOf(tx, "elsewhere", now_);
    return true;
  });
  EXPECT_TRUE(Do([&](Tx& tx) { return Due(tx, now_, 10); }).ids.empty()) << "another's lease holds";
  Do([&](Tx& tx) {
    ReleaseAllOf(tx, "here", now_);
    return true;
  });
  Start(Counting());
  EXPECT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
}

TEST_P(RunnerTest, cancelled_between_two_steps_it_takes_back_what_must_not_stay) {
  const std::string id = Add(1'000'000);
  std::promise<void> begun;
  std::atomic<bool> told{false};
  after_step_ = [&] {
    if (!told.exchange(true)) begun.set_value();
  };
  Start(Counting());
  begun.get_future().wait();
  Do([&](Tx& tx) {
    RequestCancel(tx, id, runtime::Now());
    return true;
  });
  ASSERT_TRUE(Ends(id, State::OPERATION_STATE_CANCELLED));
  EXPECT_EQ(Things(), 0);
  EXPECT_LT(Get(id).done, 1'000'000);
}

TEST_P(RunnerTest, cancelled_before_it_ran_it_is_cancelled) {
  const std::string id = Do([&](Tx& tx) {
    return Insert(tx, {.service = "test", .type = "count", .subject = "x", .state = State::OPERATION_STATE_RECEIVING}, "clerk", now_).id;
  });
  EXPECT_TRUE(Do([&](Tx& tx) { return Due(tx, runtime::Now(), 10); }).ids.empty()) << "it waits for its upload";
  Do([&](Tx& tx) {
    RequestCancel(tx, id, now_);
    return true;
  });
  Start(Counting());
  EXPECT_TRUE(Ends(id, State::OPERATION_STATE_CANCELLED));
  EXPECT_EQ(steps_, 0);
}

TEST_P(RunnerTest, what_fails_is_tried_again_and_failed_for_good_in_the_end) {
  failing_ = true;
  const std::string id = Add(3);
  Do([&](Tx& tx) { return tx.Exec("update operations set attempts = :n where id = :id", {{"n", kAttempts - 2}, {"id", id}}); });
  Start(Counting());
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Get(id).attempts == kAttempts - 1; })) << "tried again later";
  EXPECT_FALSE(Get(id).ended());
  Do([&](Tx& tx) { return tx.Exec("update operations set due_at = 0 where id = :id", {{"id", id}}); });
  runners_.back()->Notify(db::Concern::kOperations);
  ASSERT_TRUE(Ends(id, State::OPERATION_STATE_FAILED));
  ASSERT_TRUE(Get(id).failure);
  EXPECT_EQ(Get(id).failure->reason, Reason::kInternal);
}

TEST_P(RunnerTest, a_refusal_is_kept_with_its_fields_after_what_it_did_is_taken_back) {
  const std::string id = Add(3);
  Type type = Counting();
  type.run = [](operations::Run& run) {
    run.Commit([](Tx& tx, Operation& op, Instant) {
      tx.Exec("insert into things (id) values (1), (2), (3)");
      op.Fail({Code::kConflict, Reason::kPeriodNotReady, "not yet", {{"leads", "C13", "an import is under way"}}});
    });
  };
  Start(type);
  ASSERT_TRUE(Ends(id, State::OPERATION_STATE_FAILED));
  EXPECT_EQ(Get(id).failure->reason, Reason::kPeriodNotReady);
  EXPECT_EQ(Get(id).failure->fields.at(0).field, "leads");
  EXPECT_EQ(Things(), 0);
}

// What a step does between two commits is bounded by nothing but `stall`: the lease is renewed beside it.
TEST_P(RunnerTest, a_step_that_takes_longer_than_its_lease_keeps_it) {
  const std::string id = Add(1);
  const auto step = std::make_shared<Step>();
  std::promise<void> work_done;
  const Type slow = Waiting(step, work_done.get_future().share());
  Start(slow, {.url = "", .owner = "one", .lease = milliseconds(2'000), .threads = 1});
  step->first.get_future().wait();
  const Instant first = LeaseUntil(id);
  Start(slow, {.url = "", .owner = "two"});
  ASSERT_TRUE(Eventually(seconds(20), [&] { return runtime::Now() > first; }));
  EXPECT_TRUE(LooksTwice());
  EXPECT_GT(LeaseUntil(id), first);
  EXPECT_EQ(step->begun, 1) << "the second found its lease good";
  work_done.set_value();
  ASSERT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
  EXPECT_EQ(step->begun, 1);
  EXPECT_EQ(steps_, 1);
}

TEST_P(RunnerTest, one_that_stalls_is_given_back_and_what_hung_writes_nothing_more) {
  const std::string id = Add(1);
  const auto step = std::make_shared<Step>();
  std::promise<void> goes_on;
  // Two threads: the one that is free does not begin what hangs beside it.
  Start(Waiting(step, goes_on.get_future().share()),
        {.url = "", .owner = "one", .lease = milliseconds(2'000), .stall = milliseconds(500), .threads = 2});
  step->first.get_future().wait();
  ASSERT_TRUE(Eventually(seconds(20), [&] { return Get(id).attempts == 1; })) << "a failed attempt";
  ASSERT_TRUE(Eventually(seconds(20), [&] { return runtime::Now() > LeaseUntil(id); }));
  ASSERT_TRUE(LooksTwice());
  EXPECT_EQ(step->begun, 1);
  Start(Counting(), {.url = "", .owner = "two"});
  ASSERT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
  goes_on.set_value();
  EXPECT_EQ(step->ended.get_future().get(), "the lease is lost");
  EXPECT_EQ(steps_, 1);
  EXPECT_EQ(Things(), 1);
}

TEST_P(RunnerTest, a_renewal_neither_waits_for_the_step_nor_takes_a_lease_back) {
  const std::string id = Add(1);
  const Instant until = now_.Plus(seconds(1));
  const Instant later = now_.Plus(seconds(60));
  Do([&](Tx& tx) { Claim(tx, id, "one/1", now_, until); });
  const auto renewed_by = [&](const std::string& lease) {
    Do([&](Tx& tx) { Renew(tx, id, lease, later); });
    return LeaseUntil(id) == later;
  };
  EXPECT_FALSE(renewed_by("two/1")) << "not its own";
  if (GetParam() == "postgres") {
    db::Session step(url());
    Tx tx(step, false);
    ASSERT_TRUE(LoadUnderLease(tx, id, "one/1"));
    EXPECT_FALSE(renewed_by("one/1")) << "the step holds the row, and renews when it commits";
  }
  EXPECT_TRUE(renewed_by("one/1"));
  Do([&](Tx& tx) { Release(tx, id, "one/1", 0, until); });
  EXPECT_FALSE(renewed_by("one/1")) << "given up";
}

TEST_P(RunnerTest, one_that_makes_no_progress_has_failed_in_the_end) {
  const std::vector<std::function<void(operations::Run&)>> idle = {
      [](operations::Run&) {}, [](operations::Run& run) { run.Commit([](Tx&, Operation& op, Instant) { op.total = 7; }); },
      [](operations::Run& run) {
        // What goes back and comes again is no progress.
        run.Commit([](Tx&, Operation& op, Instant) { op.done = 0; });
        run.Commit([](Tx&, Operation& op, Instant) { op.done = 3; });
      }};
  for (std::size_t i = 0; i < idle.size(); ++i) {
    const std::string name = "idle-" + std::to_string(i);
    const std::string id = Add(5, name);
    Do([&](Tx& tx) { tx.Exec("update operations set attempts = :n, done = 3 where id = :id", {{"n", kAttempts - 2}, {"id", id}}); });
    const auto calls = std::make_shared<std::atomic<int>>(0);
    Start({.name = name, .roles = {}, .run = [calls, run_idle = idle[i]](operations::Run& run) {
             ++*calls;
             run_idle(run);
           }});
    ASSERT_TRUE(Eventually(seconds(10), [&] { return Get(id).attempts == kAttempts - 1; })) << name << ": tried again later";
    EXPECT_EQ(*calls, 1) << name << ": the slice ends at once";
    Do([&](Tx& tx) { tx.Exec("update operations set due_at = 0 where id = :id", {{"id", id}}); });
    ASSERT_TRUE(Ends(id, State::OPERATION_STATE_FAILED)) << name;
    EXPECT_EQ(Get(id).failure->message.substr(0, 17), "makes no progress");
    EXPECT_EQ(*calls, 2) << name;
    runners_.clear();
  }
}

TEST_P(RunnerTest, what_moves_on_in_its_count_alone_is_no_failure) {
  const std::string id = Add(2 * kAttempts, "counts");
  Start({.name = "counts",
         .roles = {},
         .run =
             [](operations::Run& run) {
               run.Commit([](Tx&, Operation& op, Instant) {
                 if (++op.done == op.total) op.Finish();
               });
             }},
        {.url = "", .owner = "", .slice = milliseconds(0)});
  ASSERT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
  EXPECT_EQ(Get(id).attempts, 0);
}

TEST_P(RunnerTest, a_long_one_lets_the_others_have_their_turn) {
  const std::string endless = Add(1'000'000'000, "endless");
  std::vector<std::string> others;
  Type type{.name = "endless", .roles = {}, .run = [](operations::Run& run) {
              run.Commit([](Tx&, Operation& op, Instant) {
                op.checkpoint = std::to_string(++op.done);
                if (op.done >= op.total) op.Finish();
              });
            }};
  Start(type, {.url = "", .owner = "", .slice = milliseconds(50), .threads = 1});
  others.reserve(3);
  for (int i = 0; i < 3; ++i) others.push_back(Add(3, "endless"));
  for (const std::string& id : others) EXPECT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
  EXPECT_FALSE(Get(endless).ended());
}

TEST_P(RunnerTest, they_are_listed_the_newest_first_in_pages_that_give_each_once) {
  std::set<std::string> added;
  for (int i = 0; i < 5; ++i) added.insert(Add(1));  // all at one moment: the edge of a page lies between equal times
  Add(1, "other");
  std::set<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    const contract::Page page = *contract::ReadPage(kOperationList, 2, token);
    const auto rows = Do([&](Tx& tx) { return List(tx, {.types = {"count", "more"}}, page); });
    for (const Operation& op : rows.rows) EXPECT_TRUE(seen.insert(op.id).second);
    token = rows.next_page_token;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(seen, added);
  EXPECT_EQ(pages, 3);
  const auto none = Do([](Tx& tx) { return List(tx, {.types = {"count"}, .state = State::OPERATION_STATE_DONE}, contract::Page()); });
  EXPECT_TRUE(none.rows.empty());
}

TEST_P(RunnerTest, a_list_of_a_type_and_a_state_reads_its_page_from_an_index) {
  Do([](Tx& tx) {
    for (int i = 0; i < 2'000; ++i) {
      tx.Exec(
          "insert into operations (id, type, subject, state, done, total, due_at, attempts, cancel_requested, created_by, created_at) "
          "values (:id, :type, 'x', :state, 0, 0, 0, 0, 0, 'x', :at)",
          {{"id", "test." + std::to_string(i)}, {"type", i % 2 == 0 ? "count" : "other"}, {"state", 1 + i / 2 % 4}, {"at", i}});
    }
    tx.Exec("analyze operations");
  });
  const std::map<std::string, std::string> values{{":type", "'count'"}, {":state", "2"}, {":at", "1000"}, {":after", "'test.9'"}};
  const contract::Page first = *contract::ReadPage(kOperationList, 10, "");
  const contract::Page next = *contract::ReadPage(kOperationList, 10, contract::PageToken(kOperationList, {"1000", "test.9"}));
  const auto plan_of = [&](State state, const contract::Page& page) {
    return PlanOf([&](Tx& tx) { List(tx, {.types = {"count"}, .state = state}, page); }, "select", values);
  };
  for (const contract::Page& page : {first, next}) {
    for (const auto& [state, index] : std::vector<std::pair<State, std::string>>{{State::OPERATION_STATE_UNSPECIFIED, "operations_of_type"},
                                                                                 {State::OPERATION_STATE_RUNNING, "operations_of_state"}}) {
      const std::string plan = plan_of(state, page);
      EXPECT_NE(plan.find(index), std::string::npos) << plan;
      EXPECT_EQ(plan.find("Sort"), std::string::npos) << plan;
      EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
      EXPECT_EQ(plan.find("Filter"), std::string::npos) << plan;
    }
  }
}

TEST_P(RunnerTest, an_exclusive_one_is_begun_once) {
  const Begin lock{.service = "test", .type = "lock", .subject = "2026-05", .exclusive = true};
  const auto begin = [&] { return Do([&](Tx& tx) { return Insert(tx, lock, "clerk", now_).id; }); };
  const std::string first = begin();
  EXPECT_EQ(begin(), first);
  Do([&](Tx& tx) {
    Operation op = *Load(tx, first);
    op.Finish();
    Save(tx, op, now_, now_);
    return true;
  });
  EXPECT_NE(begin(), first) << "the first has ended";
}

}  // namespace
}  // namespace renxin::operations
