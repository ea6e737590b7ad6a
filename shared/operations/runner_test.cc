#include "shared/operations/runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>

#include "renxin/operations/v1/operations.pb.h"
#include "shared/db/listener.h"
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
  }

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
  void Start(Type type, RunnerOptions options = {}) {
    options.url = url();
    if (options.owner.empty()) options.owner = "here";
    const std::string name = type.name;
    lanes_.push_back(std::make_unique<db::Lanes>(url(), "operations", 2));
    runners_.push_back(
        std::make_unique<Runner>(std::map<std::string, Type>{{name, std::move(type)}}, options, env_, *lanes_.back(), client()));
  }
  ReadsHere& client() {
    if (!client_) client_ = std::make_unique<ReadsHere>(url());
    return *client_;
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
  std::unique_ptr<ReadsHere> client_;
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
  for (int i = 0; i < 3; ++i) others.push_back(Add(3, "endless"));
  for (const std::string& id : others) EXPECT_TRUE(Ends(id, State::OPERATION_STATE_DONE));
  EXPECT_FALSE(Get(endless).ended());
}

// The first replica has no thread left. Without a notification the second would find the operation with its poll, seven seconds later at
// the earliest; on SQLite, which has one replica, a second thread takes it.
TEST_P(RunnerTest, whoever_is_free_takes_a_new_one_at_once_also_at_another_replica) {
  std::promise<void> release;
  std::promise<void> busy;
  const Type blocking{.name = "many", .roles = {}, .run = [&](operations::Run& run) {
                        if (run.operation().total == 1) {
                          busy.set_value();
                          release.get_future().wait();
                        }
                        run.Commit([](Tx&, Operation& op, Instant) { op.Finish(); });
                      }};
  const bool replicas = GetParam() == "postgres";
  Start(blocking, {.url = "", .owner = "one", .threads = replicas ? 1 : 2});
  const auto begin = [&](std::int64_t total) {
    std::string id;
    db::Lanes lanes(url(), "first", 1, [&](db::Concerns concerns) { runners_.front()->Notify(concerns); });
    lanes.Any().Run(seconds(5), [&](Tx& tx) {
      id = Insert(tx, {.service = "test", .type = "many", .subject = "x", .total = total}, "clerk", runtime::Now()).id;
      return true;
    });
    return id;
  };
  const std::string first = begin(1);
  busy.get_future().wait();
  if (replicas) Start(blocking, {.url = "", .owner = "two", .threads = 1});
  std::atomic<bool> listens{!replicas};
  const db::Listener listener(url(), [&](db::Concerns concerns) {
    runners_.back()->Notify(concerns);
    listens = true;
  });
  ASSERT_TRUE(Eventually(seconds(10), [&] { return listens.load(); }));
  const std::string second = begin(2);
  EXPECT_TRUE(Eventually(seconds(6), [&] { return Get(second).ended(); }));
  EXPECT_FALSE(Get(first).ended());
  release.set_value();
  EXPECT_TRUE(Ends(first, State::OPERATION_STATE_DONE));
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
