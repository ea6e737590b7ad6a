#include "shared/runtime/live.h"

#include <gmock/gmock.h>

#include "renxin/commissions/v1/commissions_events.pb.h"
#include "renxin/identity/v1/identity_events.pb.h"
#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/contract/descriptors.h"
#include "shared/core/text.h"
#include "shared/db/platform_tables.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/relay.h"
#include "shared/runtime/roster.h"
#include "shared/testing/databases.h"
#include "shared/testing/roster_delivery.h"

namespace renxin::runtime {
namespace {

using renxin::testing::Stay;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class LiveHeadersTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    db::Migrate(url(), url(), db::PlatformMigrations());
    lanes_ = std::make_unique<db::Lanes>(url(), "live-test", 1);
  }

  void Staff(const std::string& no, std::int64_t version, const std::vector<Stay>& stays, const std::string& source = "his") {
    const identity::v1::StaffChanged staff = renxin::testing::StaffEvent(no, version, stays, source);
    InTx([&](db::Tx& tx) {
      const Environment env{.sealer = sealer_, .zone = zone_};
      const EventContext ctx{.now = kNow, .event_id = "", .aggregate_id = "", .occurred_at = kNow, .recorded_at = kNow, .env = env};
      EXPECT_TRUE(OnStaffChanged(tx, ctx, staff));
    });
  }
  void InTx(const std::function<void(db::Tx&)>& run) {
    lanes_->Any().Run(seconds(5), [&](db::Tx& tx) {
      run(tx);
      return true;
    });
  }
  std::set<std::string> ViewersOf(const std::string& staff_id, const char* day) {
    std::set<std::string> found;
    InTx([&](db::Tx& tx) { viewers_.Refresh(tx, *ParseDay(day)); });
    viewers_.AddOf(staff_id, &found);
    return found;
  }
  // The other direction, as reads ask it.
  std::set<std::string> GroupsThatHold(const std::string& staff_id, const char* day, const std::vector<std::string>& all) {
    std::set<std::string> found;
    InTx([&](db::Tx& tx) {
      for (const std::string& one : all) {
        const auto group = GroupOf(tx, one, *ParseDay(day));
        if (std::find(group.begin(), group.end(), staff_id) != group.end()) found.insert(one);
      }
    });
    return found;
  }
  bus::Headers Headers(std::string_view service, const std::string& name, const google::protobuf::Message& event, Instant recorded_at,
                       bool groups = true) {
    bus::Headers headers;
    LiveHeaders live(contract::EmbeddedDescriptors(), service, zone_, groups);
    InTx([&](db::Tx& tx) { live.Begin(tx, kNow); });
    live.Add(name, event.SerializeAsString(), recorded_at, &headers);
    return headers;
  }

  static constexpr Instant kNow{1'790'000'000'000'000};  // 2026-09-21 in Shanghai
  Zone zone_{"Asia/Shanghai"};
  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  std::unique_ptr<db::Lanes> lanes_;
  GroupViewers viewers_;
};
RENXIN_ON_BOTH_DATABASES(LiveHeadersTest);

TEST_P(LiveHeadersTest, P1_seers_are_the_group_and_the_supervisor) {
  Staff("s1", 1, {{"2026-01-01", "", ""}});
  Staff("r1", 1, {{"2026-01-01", "g1", "s1"}});
  Staff("r2", 1, {{"2026-01-01", "g1", "s1"}});
  Staff("r3", 1, {{"2026-01-01", "g2", ""}});
  Staff("r4", 1, {{"2026-01-01", "g1", "s1"}}, "other");
  Staff("lone", 1, {{"2026-01-01", "", ""}});
  EXPECT_THAT(ViewersOf("id-r1", "2026-09-21"), UnorderedElementsAre("id-r1", "id-r2", "id-s1"));
  EXPECT_THAT(ViewersOf("id-r3", "2026-09-21"), UnorderedElementsAre("id-r3"));
  EXPECT_THAT(ViewersOf("id-r4", "2026-09-21"), UnorderedElementsAre("id-r4")) << "the same number in another system is another group";
  EXPECT_THAT(ViewersOf("id-lone", "2026-09-21"), IsEmpty()) << "no group is not a group";
  EXPECT_THAT(ViewersOf("id-nobody", "2026-09-21"), IsEmpty());
  EXPECT_THAT(ViewersOf("id-r1", "2025-12-31"), IsEmpty()) << "before the first period";
}

TEST_P(LiveHeadersTest, P1_from_the_day_somebody_moves_and_as_reads_say) {
  const std::vector<std::string> all{"id-s1", "id-s2", "id-r1", "id-r2", "id-r3"};
  Staff("s1", 1, {{"2026-01-01", "g1", ""}});
  Staff("s2", 1, {{"2026-01-01", "g2", ""}});
  Staff("r1", 1, {{"2026-01-01", "g1", "s1"}, {"2026-09-21", "g2", "s2"}});
  Staff("r2", 1, {{"2026-01-01", "g1", "s1"}});
  Staff("r3", 1, {{"2026-01-01", "g2", "s2"}});
  for (const char* day : {"2025-12-31", "2026-01-01", "2026-09-20", "2026-09-21", "2026-09-22"}) {
    for (const std::string& staff_id : all) EXPECT_EQ(ViewersOf(staff_id, day), GroupsThatHold(staff_id, day, all)) << staff_id << day;
  }
  EXPECT_THAT(ViewersOf("id-r1", "2026-09-20"), UnorderedElementsAre("id-r1", "id-r2", "id-s1"));
  EXPECT_THAT(ViewersOf("id-r1", "2026-09-21"), UnorderedElementsAre("id-r1", "id-r3", "id-s2"));
  // Later, for the same day: what is kept in memory does not outlive a change of the roster.
  Staff("r1", 2, {{"2026-01-01", "g1", "s1"}});
  EXPECT_THAT(ViewersOf("id-r1", "2026-09-21"), UnorderedElementsAre("id-r1", "id-r2", "id-s1"));
  EXPECT_THAT(ViewersOf("id-r3", "2026-09-21"), UnorderedElementsAre("id-r3", "id-s2"));
}

TEST_P(LiveHeadersTest, P1_an_event_says_whose_it_is) {
  Staff("s1", 1, {{"2026-01-01", "", ""}});
  Staff("r1", 1, {{"2026-01-01", "g1", "s1"}});
  leads::v1::VisitRegistered visit;
  visit.set_visit_id("v1");
  visit.set_rep_id("id-r1");
  EXPECT_THAT(Headers("leads", "visit_registered", visit, kNow),
              ElementsAre(Pair("renxin-live-id", "v1"), Pair("renxin-live-owners", "id-r1"), Pair("renxin-live-group", "id-r1,id-s1")));
  EXPECT_THAT(Headers("leads", "visit_registered", visit, kNow, false),
              ElementsAre(Pair("renxin-live-id", "v1"), Pair("renxin-live-owners", "id-r1")))
      << "a service without a roster shows supervisors no group either";
  visit.set_rep_id("");
  EXPECT_THAT(Headers("leads", "visit_registered", visit, kNow), ElementsAre(Pair("renxin-live-id", "v1")));
  visit.set_rep_id("a,b\r\nx: y");
  EXPECT_THAT(Headers("leads", "visit_registered", visit, kNow), ElementsAre(Pair("renxin-live-id", "v1"))) << "no id, no owner";
  visit.set_visit_id("a b");
  EXPECT_THAT(Headers("leads", "visit_registered", visit, kNow), IsEmpty());
  leads::v1::SettlementRecorded settlement;
  settlement.set_settlement_id("x1");
  EXPECT_THAT(Headers("leads", "settlement_recorded", settlement, kNow), ElementsAre(Pair("renxin-live-id", "x1")));
  commissions::v1::StatementLocked locked;
  locked.set_period("2026-08");
  locked.set_payee_id("id-r1");
  EXPECT_EQ(Headers("commissions", "statement_locked", locked, kNow).at(0).second, "2026-08/id-r1");
}

TEST_P(LiveHeadersTest, what_is_old_or_unknown_is_not_live) {
  leads::v1::SettlementRecorded settlement;
  settlement.set_settlement_id("x1");
  EXPECT_EQ(Headers("leads", "settlement_recorded", settlement, kNow.Plus(-seconds(60))).size(), 1U);
  EXPECT_THAT(Headers("leads", "settlement_recorded", settlement, {kNow.micros - kLiveMicros - 1}), IsEmpty());
  EXPECT_THAT(Headers("leads", "something_else", settlement, kNow), IsEmpty());
  EXPECT_THAT(Headers("membership", "settlement_recorded", settlement, kNow), IsEmpty());
}

// Through the relay: the headers stand on what a subscriber gets, and old rows are published without.
TEST_P(LiveHeadersTest, the_relay_writes_them) {
  const std::string service = "leads";
  const auto bus = renxin::testing::ScratchBus("live-test");
  bus::JetStream stream(bus);
  bus->Call("$JS.API.STREAM.DELETE." + StreamOf(service), {}, "", seconds(3));
  stream.UpsertStream({.name = StreamOf(service), .subjects = {"ev.renxin.leads.v1.>"}, .max_bytes = 1 << 20});
  std::mutex mutex;
  std::map<std::string, std::string> ids;
  const std::string tag = NewId();
  bus->Subscribe("ev.renxin.leads.v1.>", "", [&](const bus::Message& message) {
    const std::scoped_lock lock(mutex);
    const std::string subject(bus::FindHeader(message.headers, "ce-subject"));
    if (subject.starts_with(tag)) ids[subject] = bus::FindHeader(message.headers, kLiveId);
  });
  ASSERT_TRUE(renxin::testing::Eventually(seconds(5), [&] { return bus->connected(); }));
  InTx([&](db::Tx& tx) {
    for (const auto& [name, at] : {std::pair("-new", Now()), std::pair("-old", Now().Plus(-seconds(120)))}) {
      leads::v1::SettlementRecorded event;
      event.set_settlement_id(tag + name);
      db::Publish(tx, {tag + name, 1, at, at}, event);
    }
  });
  {
    Relay relay(service, url(), *lanes_, bus, std::make_unique<LiveHeaders>(contract::EmbeddedDescriptors(), service, zone_, true));
    relay.Notify();
    EXPECT_TRUE(renxin::testing::Eventually(seconds(10), [&] {
      const std::scoped_lock lock(mutex);
      return ids.size() == 2;
    }));
  }
  bus->Close(seconds(1));
  EXPECT_THAT(ids, ElementsAre(Pair(tag + "-new", tag + "-new"), Pair(tag + "-old", "")));
}

}  // namespace
}  // namespace renxin::runtime
