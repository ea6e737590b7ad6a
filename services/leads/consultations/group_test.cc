// What a group of commands costs in statements, and that each of them is answered as if it were alone.

#include <future>

#include "services/leads/consultations/handlers.h"
#include "services/leads/wiring.h"
#include "shared/db/lane.h"
#include "shared/runtime/once.h"
#include "shared/testing/databases.h"

namespace renxin::leads::consultations {
namespace {

using std::chrono::seconds;

struct Asked {
  std::string name = "王芳";
  std::string phone;
  std::string key;
};

class GroupTest : public renxin::testing::OnServiceTables {
 protected:
  GroupTest() : OnServiceTables(AllMigrations()) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    lane_ = std::make_unique<db::Lane>(db::LaneOptions{.url = url(), .name = "group"});
    Run({{.phone = "13800000000", .key = "first"}});  // the statements of this session are prepared from here on
    Run({{.phone = "13800000000", .key = "again"}});
  }
  void TearDown() override {
    lane_.reset();
    OnServiceTables::TearDown();
  }
  // As the service does it: the wrapper's part (runtime/call.cc) and the handler's.
  db::Job JobOf(const Asked& asked, std::shared_ptr<std::promise<Result<std::string>>> told) {
    v1::CreateLeadRequest req;
    req.set_channel("online");
    req.set_name(asked.name);
    req.set_phone(asked.phone);
    const runtime::OnceKey once{.key_hash = asked.key, .request_hash = asked.phone + asked.name};
    auto answer = std::make_shared<std::optional<Result<std::string>>>();
    return {.declare =
                [this, req, once](Tx& tx) {
                  db::WantAnswer(tx, once.key_hash);
                  DeclareCreateLead(tx, ctx_, req);
                },
            .run =
                [this, req, once, answer](Tx& tx) {
                  runtime::Outcome outcome = runtime::RunOnce(tx, sealer_, once, now_, [&]() -> Result<std::string> {
                    ASSIGN_OR_RETURN(const v1::CreateLeadResponse out, CreateLead(tx, ctx_, req));
                    return out.SerializeAsString();
                  });
                  *answer = std::move(outcome.answer);
                  return outcome.commit;
                },
            .done = [told, answer](
                        const std::exception_ptr& error) { error ? told->set_exception(error) : told->set_value(std::move(**answer)); },
            .deadline = std::chrono::steady_clock::now() + seconds(20)};
  }
  // All of them in one group; answers how many statements it took.
  std::int64_t Run(const std::vector<Asked>& all, std::vector<Result<std::string>>* answers = nullptr) {
    std::promise<void> release;
    auto hold = std::make_shared<std::future<void>>(release.get_future());
    std::promise<void> held;
    EXPECT_TRUE(lane_->Submit({.run =
                                   [hold, &held](Tx&) {
                                     held.set_value();
                                     hold->wait();
                                     return false;
                                   },
                               .done = [](const std::exception_ptr&) {},
                               .deadline = std::chrono::steady_clock::now() + seconds(20)}));
    held.get_future().wait();
    std::vector<std::future<Result<std::string>>> told;
    told.reserve(all.size());
    for (const Asked& asked : all) {
      auto promise = std::make_shared<std::promise<Result<std::string>>>();
      told.push_back(promise->get_future());
      EXPECT_TRUE(lane_->Submit(JobOf(asked, promise)));
    }
    const std::int64_t before = db::Session::statements_run + 1;  // the rollback of the one that held the lane
    release.set_value();
    for (auto& one : told) {
      Result<std::string> answer = one.get();
      EXPECT_TRUE(answer.ok() || answers != nullptr) << answer.error().message;
      if (answers != nullptr) answers->push_back(std::move(answer));
    }
    return db::Session::statements_run - before;
  }
  static std::vector<Asked> Many(int count, const std::string& prefix) {
    std::vector<Asked> all;
    all.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) all.push_back({.phone = prefix + std::to_string(1'000 + i), .key = prefix + std::to_string(i)});
    return all;
  }
  std::int64_t Count(const std::string& table) {
    return Do([&](Tx& tx) { return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from " + table)); });
  }

  Zone zone_{"Asia/Shanghai"};
  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-05-10T10:00:00+08:00");
  CallContext ctx_{.now = now_, .caller = {.username = "clerk"}, .scope = {.all = true}, .env = env_};
  std::unique_ptr<db::Lane> lane_;
};
RENXIN_ON_BOTH_DATABASES(GroupTest);

TEST_P(GroupTest, one_alone_takes_at_most_eight_statements_and_32_at_most_one_and_a_half_each) {
  const bool postgres = session().dialect() == db::Dialect::kPostgres;
  const std::int64_t alone = Run(Many(1, "1390000"));
  const std::int64_t group = Run(Many(32, "1380001"));
  RecordProperty("alone", static_cast<int>(alone));
  RecordProperty("group", static_cast<int>(group));
  EXPECT_LE(alone, postgres ? 8 : 13) << "SQLite takes one statement for each table";
  EXPECT_LE(group, 32 * 3 / 2);
  EXPECT_EQ(Count("leads"), 34) << "the second of the first customer was a touch";
}

TEST_P(GroupTest, people_of_one_phone_in_one_group_are_found_as_they_are_added) {
  const std::int64_t before = Count("customers");
  std::vector<Result<std::string>> answers;
  Run({{.name = "王芳", .phone = "13700000001", .key = "a"},
       {.name = "王芳", .phone = "13700000001", .key = "b"},
       {.name = "李娜", .phone = "13700000001", .key = "c"},
       {.name = "王芳", .phone = "13700000002", .key = "d"}},
      &answers);
  std::vector<v1::CreateLeadResponse> said(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) ASSERT_TRUE(answers[i].ok() && said[i].ParseFromString(*answers[i])) << i;
  EXPECT_EQ(Count("customers"), before + 3);
  EXPECT_TRUE(said[1].touch()) << "L3: the same person again, while the lead is open";
  EXPECT_EQ(said[1].lead().id(), said[0].lead().id());
  EXPECT_TRUE(said[2].household_proposed()) << "L3: another name on the same phone";
  EXPECT_FALSE(said[3].household_proposed());
}

TEST_P(GroupTest, the_same_request_twice_in_one_group_acts_once_and_a_refusal_fails_alone) {
  const std::int64_t before = Count("leads");
  std::vector<Result<std::string>> answers;
  Run({{.phone = "13600000001", .key = "same"},
       {.phone = "13600000001", .key = "same"},
       {.phone = "no phone", .key = "refused"},
       {.name = "李娜", .phone = "13600000001", .key = "same"},
       {.phone = "13600000002", .key = "other"}},
      &answers);
  ASSERT_TRUE(answers[0].ok() && answers[1].ok() && answers[4].ok());
  EXPECT_EQ(*answers[0], *answers[1]);
  EXPECT_EQ(answers[2].error().code, Code::kInvalidArgument);
  EXPECT_EQ(answers[3].error().reason, Reason::kIdempotencyKeyReused);
  EXPECT_EQ(Count("leads"), before + 2);
}

}  // namespace
}  // namespace renxin::leads::consultations
