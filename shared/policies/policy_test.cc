#include "shared/policies/policy.h"

#include <gtest/gtest.h>

#include "renxin/leads/v1/leads_policy.pb.h"
#include "shared/policies/routes.h"
#include "shared/testing/databases.h"
#include "shared/testing/days.h"

namespace renxin::policies {
namespace {

// The messages of leads, with rules of its own.
struct Spec {
  using Policy = leads::v1::LeadsPolicy;
  using Version = leads::v1::PolicyVersion;
  using Versions = leads::v1::ListPolicyVersionsResponse;
  using Change = leads::v1::ChangePolicyRequest;
  using Changed = leads::v1::PolicyChanged;
  static constexpr std::string_view kService = "leads";
  static constexpr Begins kBegins = Begins::kTomorrow;
  static Policy Default() { return Channel("default"); }
  static Policy Channel(const std::string& channel) {
    Policy policy;
    policy.add_channels(channel);
    return policy;
  }
  static Status Check(db::Tx& /*tx*/, const Policy& policy) {
    if (policy.channels(0) == "bad") return RuleBroken("policy.channels[0]", "L1", "is bad");
    return Ok{};
  }
  static void Follow(db::Tx& tx, const Environment& env, std::int64_t version, Day from) {
    db::Schedule(tx, "follow", std::to_string(version), env.zone.StartOf(from));
  }
};

class PolicyTest : public renxin::testing::OnServiceTables {
 protected:
  PolicyTest() : OnServiceTables({}) {}
  CallContext Context() const { return {.now = now_, .caller = {.username = "director"}, .scope = {}, .env = env_}; }
  void SeedNow() {
    Do([&](db::Tx& tx) { Seed<Spec>(tx, {.now = now_, .key = "", .env = env_}); });
  }
  Result<Spec::Version> Change(const std::string& channel, const std::string& from) {
    Spec::Change req;
    *req.mutable_policy() = Spec::Channel(channel);
    req.set_effective_from(from);
    req.set_reason("王芳 asked for it");
    return Do([&](db::Tx& tx) { return ChangePolicy<Spec>(tx, Context(), req); });
  }
  std::int64_t Count(const std::string& from) {
    return Do([&](db::Tx& tx) { return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from " + from)); });
  }
  std::string ChannelOn(const char* day) {
    return Do([&](db::Tx& tx) { return On<Spec>(tx, D(day)).channels(0); });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-05-10T09:00:00+08:00");
};
RENXIN_ON_BOTH_DATABASES(PolicyTest);

TEST_P(PolicyTest, the_default_is_written_once_and_counts_where_nothing_is_written) {
  EXPECT_EQ(ChannelOn("2026-05-10"), "default");
  SeedNow();
  SeedNow();
  EXPECT_EQ(Count("policies"), 1);
  EXPECT_EQ(Count("outbox where name = 'policy_changed'"), 1);
}

TEST_P(PolicyTest, a_new_version_has_its_day_its_history_its_event_and_what_follows) {
  SeedNow();
  EXPECT_EQ(Change("bad", "2026-05-11").error().fields.front().field, "policy.channels[0]");
  EXPECT_EQ(Change("more", "2026-05-10").error().fields.front().message, "must be after today, 2026-05-10");
  EXPECT_EQ(Count("policies"), 1);
  const auto made = Change("more", "2026-05-11");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->version(), 2);
  EXPECT_EQ(made->approver(), "director");
  EXPECT_EQ(made->created_at(), "2026-05-10T01:00:00Z");
  EXPECT_EQ(ChannelOn("2026-05-10"), "default");
  EXPECT_EQ(ChannelOn("2026-05-11"), "more");
  EXPECT_EQ(Count("outbox where name = 'policy_changed' and aggregate_id = 'leads' and aggregate_version = 2"), 1);
  EXPECT_EQ(Count("timers where kind = 'follow' and key = '2'"), 1);
  const auto history = Do([&](db::Tx& tx) { return db::HistoryOf(tx, sealer_, "leads_policy", "leads"); });
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].to + " " + history[0].why, "version 2, in force from 2026-05-11 王芳 asked for it");
  EXPECT_EQ(Count("history where reason like '%王芳%'"), 0) << "sealed";
}

TEST_P(PolicyTest, one_that_cannot_be_read_is_skipped_and_named_by_the_doctor) {
  SeedNow();
  ASSERT_TRUE(Change("more", "2026-05-11"));
  Do([](db::Tx& tx) { Add(tx, "leads", D("2026-05-12"), "somebody", "\x07", {1}); });
  EXPECT_EQ(ChannelOn("2026-05-13"), "more");
  Do([this](db::Tx& tx) {
    const History<Spec> history(tx);
    EXPECT_EQ(history.On(D("2026-05-13")).channels(0), "more");
    EXPECT_EQ(history.On(D("2026-05-10")).channels(0), "default");
    EXPECT_EQ(history.On(D("1890-01-01")).channels(0), "default");
    const auto rows = Check<Spec>().check(tx, {now_, env_}, "", 10);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_TRUE(rows[0].findings.empty());
    ASSERT_EQ(rows[2].findings.size(), 1U);
    EXPECT_EQ(rows[2].findings[0].what, "body: cannot be read");
  });
}

TEST(Begins, a_policy_does_not_begin_in_the_past) {
  struct Case {
    Begins begins;
    const char* from;
    const char* why;  // empty: taken
  };
  for (const Case& c :
       {Case{Begins::kToday, "2028-02-28", ""}, Case{Begins::kToday, "2028-02-27", "must not be before today, 2028-02-28"},
        Case{Begins::kTomorrow, "2028-02-29", ""}, Case{Begins::kTomorrow, "2028-02-28", "must be after today, 2028-02-28"}}) {
    const Status status = CheckBegin(c.begins, D(c.from), D("2028-02-28"));
    EXPECT_EQ(status ? "" : status.error().fields.front().message, c.why) << c.from;
  }
}

}  // namespace
}  // namespace renxin::policies
