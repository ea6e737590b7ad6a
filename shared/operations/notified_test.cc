#include <atomic>
#include <future>

#include "renxin/operations/v1/operations.pb.h"
#include "shared/db/listener.h"
#include "shared/operations/runner.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/service.h"
#include "shared/testing/databases.h"

namespace renxin::operations {
namespace {

using renxin::testing::Eventually;
using std::chrono::seconds;

// The poll comes after more than eight seconds at the earliest: what has happened within this was not found by it.
constexpr seconds kBeforePoll{6};

class AsksNobody final : public runtime::ServiceClient {
 public:
  explicit AsksNobody(const std::string& url) : readers_(url, 1, 16) {}
  Result<std::string> CallBytes(std::string_view, std::string_view, const google::protobuf::Message&, std::string_view) override {
    return Error{};
  }
  void Read(const std::function<void(Tx&)>& run) override { readers_.Run(seconds(5), run); }

 private:
  db::Readers readers_;
};

// A replica of a service, as far as operations go.
struct Replica {
  Replica(const std::string& url, const std::string& owner, const Type& type, const Environment& env)
      : client(url),
        lanes(url, owner, 1, [this](db::Concerns concerns) { Wake(concerns); }),
        runner({{type.name, type}}, {.url = url, .owner = owner, .threads = 1}, env, lanes, client),
        listener(url, [this](db::Concerns concerns) {
          Wake(concerns);
          listens = true;
        }) {
    complete = true;
  }
  ~Replica() { complete = false; }
  void Wake(db::Concerns concerns) {
    if (complete) runner.Notify(concerns);
  }
  std::string Begin(const std::string& subject) {
    std::string id;
    lanes.Any().Run(seconds(5), [&](Tx& tx) {
      id = Insert(tx, {.service = "test", .type = "thing", .subject = subject}, "clerk", runtime::Now()).id;
      return true;
    });
    return id;
  }
  bool Ended(const std::string& id) {
    bool ended = false;
    client.Read([&](Tx& tx) { ended = Load(tx, id)->ended(); });
    return ended;
  }

  std::atomic<bool> complete{false};
  std::atomic<bool> listens{false};
  AsksNobody client;
  db::Lanes lanes;
  Runner runner;
  db::Listener listener;
};

// Several replicas need PostgreSQL.
class NotifiedTest : public ::testing::Test {
 protected:
  void SetUp() override { db::Migrate(database_.url(), database_.url(), db::PlatformMigrations()); }
  // Says when it has begun what is called slow, and waits for the release.
  Type Thing() {
    return {.name = "thing", .roles = {}, .run = [this, go = release_.get_future().share()](operations::Run& run) {
              if (run.operation().subject == "slow") {
                ++busy_;
                go.wait();
              }
              run.Commit([](Tx&, Operation& op, Instant) { op.Finish(); });
            }};
  }

  renxin::testing::FreshDatabase database_{"postgres"};
  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  std::promise<void> release_;
  std::atomic<int> busy_{0};
};

TEST_F(NotifiedTest, the_commit_that_begins_one_wakes_its_own_runner_and_where_that_is_busy_another_replicas) {
  const Type thing = Thing();
  Replica one(database_.url(), "one", thing, env_);
  EXPECT_TRUE(Eventually(seconds(10), [&] { return one.listens.load(); }));
  const std::string slow = one.Begin("slow");
  EXPECT_TRUE(Eventually(kBeforePoll, [&] { return busy_ == 1; })) << "its own";
  Replica other(database_.url(), "other", thing, env_);
  EXPECT_TRUE(Eventually(seconds(10), [&] { return other.listens.load(); }));
  const std::string quick = one.Begin("quick");
  EXPECT_TRUE(Eventually(kBeforePoll, [&] { return one.Ended(quick); })) << "another's";
  EXPECT_FALSE(one.Ended(slow));
  release_.set_value();
  EXPECT_TRUE(Eventually(seconds(10), [&] { return one.Ended(slow); }));
}

}  // namespace
}  // namespace renxin::operations
