#include "shared/runtime/outbound_jobs.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "shared/runtime/clock.h"
#include "shared/runtime/service.h"
#include "shared/testing/databases.h"

namespace renxin::runtime {
namespace {

using renxin::testing::Eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct NoServices final : ServiceClient {
  Result<std::string> CallBytes(std::string_view, std::string_view, const google::protobuf::Message&, std::string_view) override {
    return Error{};
  }
  void Read(const std::function<void(Tx&)>&) override {}
};

JobKind Things(std::atomic<int>& acted, const std::atomic<bool>& failing, std::atomic<int>& thrown) {
  using Ids = std::vector<std::int64_t>;
  return MakeJobKind<Ids, Ids>(
      [](Tx& tx, const TimerContext&) -> std::optional<Ids> {
        Ids ids;
        const std::string sql = "select id from things where state = 0 order by id limit 3" + std::string(tx.ForUpdateSkipLocked());
        for (auto& [id] : tx.Select<std::int64_t>(sql)) ids.push_back(id);
        for (const std::int64_t id : ids) tx.Exec("update things set state = 1 where id = :id", {{"id", id}});
        if (ids.empty()) return std::nullopt;
        return ids;
      },
      [&](ServiceClient&, const JobContext& ctx, const Ids& ids) {
        EXPECT_FALSE(ctx.late());
        if (failing) {
          ++thrown;
          throw std::runtime_error("not today");
        }
        acted += static_cast<int>(ids.size());
        return ids;
      },
      [](Tx& tx, const TimerContext&, const Ids&, const Ids& ids) {
        for (const std::int64_t id : ids) tx.Exec("update things set state = 2 where id = :id", {{"id", id}});
      });
}

// Started again with a database and a crash point, this program is a worker that dies there: kill -9 leaves no chance to
// tidy up, which a fork of a program with threads could not show.
struct OtherWorker final : ::testing::Environment {
  void SetUp() override {
    const char* url = std::getenv("WORKS_TEST_URL");
    if (url == nullptr) return;
    const privacy::Sealer sealer{privacy::ServiceKeys::Generate()};
    const Zone zone{"Asia/Shanghai"};
    const renxin::Environment env{sealer, zone};
    NoServices client;
    std::atomic<int> acted{0};
    const std::atomic<bool> failing{false};
    std::atomic<int> thrown{0};
    db::Lanes lanes(url, "works-child", 2);
    std::map<std::string, JobKind> kinds;
    kinds.emplace("things", Things(acted, failing, thrown));
    const OutboundJobs outbound_jobs(std::move(kinds), url, env, lanes, client, seconds(5));
    Eventually(seconds(20), [] { return false; });
    _exit(1);
  }
};
const auto* const kOtherWorker = ::testing::AddGlobalTestEnvironment(new OtherWorker);

// The signal that ended it.
int RunWorkerThatDies(const std::string& url, const std::string& point) {
  std::string program = "/proc/self/exe";
  std::vector<std::string> environment{"WORKS_TEST_URL=" + url, "RENXIN_CRASH_AT=" + point};
  std::vector<char*> variables;
  variables.reserve(environment.size());
  for (std::string& variable : environment) variables.push_back(variable.data());
  for (char** own = environ; *own != nullptr; ++own) variables.push_back(*own);
  variables.push_back(nullptr);
  char* arguments[] = {program.data(), nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, variables.data()) != 0) return -1;
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

// Things of a table are done outside: a counter that no rollback takes back.
class OutboundJobsTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    db::Migrate(url(), url(), db::PlatformMigrations());
    lanes_ = std::make_unique<db::Lanes>(url(), "works-test", 2);
    Do([](Tx& tx) { tx.Exec("create table things (id bigint primary key, state bigint not null)"); });
  }
  void TearDown() override {
    workers_.clear();
    lanes_.reset();
  }

  void Do(const std::function<void(Tx&)>& run) {
    lanes_->Any().Run(seconds(5), [&](Tx& tx) {
      run(tx);
      return true;
    });
  }
  void Add(int from, int count) {
    Do([&](Tx& tx) {
      for (int i = from; i < from + count; ++i) tx.Exec("insert into things (id, state) values (:id, 0)", {{"id", i}});
      db::Schedule(tx, "things", "", Now());
    });
    for (const auto& worker : workers_) worker->Notify();
  }
  std::int64_t InState(int state) {
    std::int64_t count = 0;
    Do([&](Tx& tx) {
      count = std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from things where state = :state", {{"state", state}}));
    });
    return count;
  }
  std::int64_t TimersLeft() {
    std::int64_t count = 0;
    Do([&](Tx& tx) { count = std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from timers")); });
    return count;
  }

  OutboundJobs& Start(milliseconds lease) {
    std::map<std::string, JobKind> kinds;
    kinds.emplace("things", Things(acted_, failing_, thrown_));
    workers_.push_back(std::make_unique<OutboundJobs>(std::move(kinds), url(), env_, *lanes_, client_, lease));
    return *workers_.back();
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  NoServices client_;
  std::atomic<int> acted_{0};
  std::atomic<bool> failing_{false};
  std::atomic<int> thrown_{0};
  std::unique_ptr<db::Lanes> lanes_;
  std::vector<std::unique_ptr<OutboundJobs>> workers_;
};
RENXIN_ON_BOTH_DATABASES(OutboundJobsTest);

TEST_P(OutboundJobsTest, goes_on_until_nothing_is_left_and_leaves_no_timer) {
  Add(0, 10);
  Start(seconds(30));
  ASSERT_TRUE(Eventually(seconds(10), [&] { return InState(2) == 10 && TimersLeft() == 0; }));
  EXPECT_EQ(acted_, 10);
}

TEST_P(OutboundJobsTest, two_workers_at_once_do_each_thing_once) {
  Start(seconds(30));
  Start(seconds(30));
  for (int i = 0; i < 10; ++i) Add(i * 7, 7);
  ASSERT_TRUE(Eventually(seconds(20), [&] { return InState(2) == 70; }));
  EXPECT_EQ(acted_, 70);
}

TEST_P(OutboundJobsTest, what_throws_leaves_its_claim_and_comes_again_after_the_lease) {
  failing_ = true;
  Add(0, 2);
  Start(milliseconds(200));
  // Not until it has thrown: between its claim and its work it could still find that nothing fails any more.
  ASSERT_TRUE(Eventually(seconds(10), [&] { return thrown_ > 0 && InState(1) == 2; }));
  EXPECT_EQ(acted_, 0);
  failing_ = false;
  // What was claimed and never recorded is for the kind's own prepare to judge; new things go on.
  Add(10, 1);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return InState(2) == 1; }));
  EXPECT_EQ(InState(1), 2);
}

TEST_P(OutboundJobsTest, a_job_that_another_holds_is_left_alone_until_its_lease_is_over) {
  Add(0, 1);
  // As a process that died after its claim leaves it.
  Do([](Tx& tx) {
    tx.Exec("update things set state = 1");
    tx.Exec("update timers set due_at = :due", {{"due", Now().Plus(milliseconds(400)).micros}});
  });
  OutboundJobs& outbound_jobs = Start(milliseconds(400));
  outbound_jobs.Notify();
  ASSERT_TRUE(Eventually(seconds(10), [&] { return TimersLeft() == 0; }));
  EXPECT_EQ(acted_, 0);
  EXPECT_EQ(InState(1), 1);
}

#ifdef RENXIN_CRASH_POINTS
// The process dies by kill -9 at each point; what it leaves is what the next one finds.
TEST_P(OutboundJobsTest, dies_at_each_point_and_leaves_the_claim) {
  for (const char* point : {"claimed", "acted"}) {
    Do([](Tx& tx) { tx.Exec("delete from things"); });
    Add(0, 1);
    EXPECT_EQ(RunWorkerThatDies(url(), point), SIGKILL) << point;
    EXPECT_EQ(InState(1), 1) << point;
    EXPECT_EQ(TimersLeft(), 1) << point;
  }
}
#endif

}  // namespace
}  // namespace renxin::runtime
