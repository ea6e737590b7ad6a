#include "shared/runtime/roster.h"

#include <gmock/gmock.h>

#include "renxin/identity/v1/identity_events.pb.h"
#include "shared/core/text.h"
#include "shared/runtime/live.h"
#include "shared/runtime/scope.h"
#include "shared/testing/databases.h"
#include "shared/testing/roster_delivery.h"

namespace renxin::runtime {
namespace {

using renxin::testing::Stay;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Ids = std::vector<std::string>;

class RosterTest : public renxin::testing::OnServiceTables {
 protected:
  RosterTest() : OnServiceTables({}) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([](db::Tx& tx) { tx.Exec("create table records (id text primary key, owner_id text)"); });
  }
  void Deliver(db::Tx& tx, const std::string& no, std::int64_t version, const std::vector<Stay>& stays, const std::string& left_on = "") {
    identity::v1::StaffChanged staff = renxin::testing::StaffEvent(no, version, stays);
    staff.set_left_on(left_on);
    const EventContext ctx{.now = {}, .event_id = "", .aggregate_id = "", .occurred_at = {}, .recorded_at = {}, .env = env_};
    EXPECT_TRUE(OnStaffChanged(tx, ctx, staff));
    tx.Exec("insert into records (id, owner_id) values (:id, :owner) on conflict (id) do nothing",
            {{"id", staff.staff_id()}, {"owner", staff.staff_id()}});
  }
  void Staff(const std::string& no, std::int64_t version, const std::vector<Stay>& stays, const std::string& left_on = "") {
    Do([&](db::Tx& tx) { Deliver(tx, no, version, stays, left_on); });
  }
  // Whose records a list shows: everybody has one that bears their id.
  Ids Listed(const std::string& viewer, const char* day) {
    return Do([&](db::Tx& tx) {
      const Scope scope{.all = false, .staff_ids = {}, .group = GroupScope::Of(tx, viewer, *ParseDay(day))};
      db::Binds binds;
      const std::string clause = ScopeClause(scope, "owner_id", &binds);
      Ids ids;
      for (auto& [id] : tx.Select<std::string>("select id from records where " + clause + " order by id limit 1000", binds)) {
        EXPECT_TRUE(scope.Sees(id)) << id;
        ids.push_back(id);
      }
      return ids;
    });
  }
  Ids Group(const std::string& viewer, const char* day) {
    return Do([&](db::Tx& tx) { return GroupOf(tx, viewer, *ParseDay(day)); });
  }
  std::vector<std::string> Findings() {
    return Do([&](db::Tx& tx) {
      std::vector<std::string> out;
      const DoctorContext ctx{.now = {}, .env = env_};
      for (const CheckedRow& row : RosterCheck().check(tx, ctx, "", 100)) {
        for (const auto& finding : row.findings) out.push_back(row.id + " " + finding.what);
      }
      return out;
    });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
};
RENXIN_ON_BOTH_DATABASES(RosterTest);

TEST_P(RosterTest, P1_a_group_of_700_is_seen_whole_in_lists_records_and_live) {
  Do([&](db::Tx& tx) {
    Deliver(tx, "head", 1, {{"2026-01-01", "", ""}});
    Deliver(tx, "other", 1, {{"2026-01-01", "g2", ""}});
    for (int i = 1000; i < 1700; ++i) Deliver(tx, std::to_string(i), 1, {{"2026-01-01", "g1", "head"}});
  });
  EXPECT_THAT(Group("id-head", "2026-09-21"), SizeIs(700));
  EXPECT_EQ(Listed("id-head", "2026-09-21"), Group("id-head", "2026-09-21"));
  EXPECT_EQ(Listed("id-1699", "2026-09-21"), Group("id-1699", "2026-09-21")) << "a member sees the group as its supervisor does";
  EXPECT_THAT(Listed("id-other", "2026-09-21"), ElementsAre("id-other"));
  GroupViewers viewers;
  Do([&](db::Tx& tx) { viewers.Refresh(tx, *ParseDay("2026-09-21")); });
  std::set<std::string> notified;
  viewers.AddOf("id-1350", &notified);
  EXPECT_THAT(notified, SizeIs(701)) << "all of the group and the supervisor";
}

TEST_P(RosterTest, P1_on_the_border_of_two_periods_the_later_holds) {
  Staff("s1", 1, {{"2026-01-01", "", ""}});
  Staff("s2", 1, {{"2026-01-01", "", ""}});
  Staff("r1", 1, {{"2026-01-01", "g1", "s1"}, {"2026-09-21", "g2", "s2"}});
  Staff("r2", 1, {{"2026-01-01", "g1", "s1"}});
  const std::vector<std::tuple<const char*, Ids, Ids>> cases{{"2025-12-31", {}, {}},
                                                             {"2026-01-01", {"id-r1", "id-r2"}, {}},
                                                             {"2026-09-20", {"id-r1", "id-r2"}, {}},
                                                             {"2026-09-21", {"id-r2"}, {"id-r1"}},
                                                             {"2026-09-22", {"id-r2"}, {"id-r1"}}};
  for (const auto& [day, first, second] : cases) {
    EXPECT_EQ(Listed("id-s1", day), first) << day;
    EXPECT_EQ(Listed("id-s2", day), second) << day;
    EXPECT_EQ(Group("id-s1", day), first) << day;
    EXPECT_EQ(Group("id-s2", day), second) << day;
  }
  EXPECT_THAT(Listed("id-r2", "2026-09-20"), ElementsAre("id-r1", "id-r2"));
  EXPECT_THAT(Listed("id-r2", "2026-09-21"), ElementsAre("id-r2"));
}

TEST_P(RosterTest, P1_periods_that_begin_on_one_day_or_out_of_order_hold_as_the_list_says) {
  Staff("s1", 1, {{"2026-01-01", "", ""}});
  Staff("same", 1, {{"2026-01-01", "g1", "nobody"}, {"2026-01-01", "g2", "s1"}});
  Staff("late", 1, {{"2026-05-01", "g1", "nobody"}, {"2026-03-01", "g2", "s1"}});
  EXPECT_THAT(Listed("id-s1", "2026-02-28"), ElementsAre("id-same"));
  EXPECT_THAT(Listed("id-s1", "2026-03-01"), ElementsAre("id-late", "id-same"));
  EXPECT_THAT(Listed("id-s1", "2026-06-01"), ElementsAre("id-late", "id-same"));
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_P(RosterTest, P1_who_has_left_stays_with_the_group_they_were_of_last) {
  Staff("s1", 1, {{"2026-01-01", "", ""}});
  Staff("r1", 1, {{"2026-01-01", "g1", "s1"}});
  Staff("gone", 1, {{"2026-01-01", "g1", "s1"}}, "2026-06-30");
  EXPECT_THAT(Listed("id-s1", "2026-09-21"), ElementsAre("id-gone", "id-r1")) << "their records are still the group's";
  Staff("gone", 2, {{"2026-01-01", "g1", "s1"}, {"2026-07-01", "", ""}}, "2026-06-30");
  EXPECT_THAT(Listed("id-s1", "2026-09-21"), ElementsAre("id-r1")) << "unless identity has moved them out of it";
  EXPECT_THAT(Listed("id-s1", "2026-06-30"), ElementsAre("id-gone", "id-r1"));
}

TEST_P(RosterTest, P1_no_group_is_not_a_group_and_who_is_unknown_has_none) {
  Staff("lone", 1, {{"2026-01-01", "", ""}});
  Staff("other", 1, {{"2026-01-01", "", ""}});
  EXPECT_THAT(Listed("id-lone", "2026-09-21"), IsEmpty());
  EXPECT_THAT(Listed("id-nobody", "2026-09-21"), IsEmpty());
}

TEST_P(RosterTest, a_later_version_replaces_the_periods_and_an_earlier_one_leaves_them) {
  Staff("s1", 1, {{"2026-01-01", "", ""}});
  Staff("r1", 3, {{"2026-01-01", "g1", ""}, {"2026-02-01", "g1", "s1"}});
  EXPECT_THAT(Listed("id-s1", "2026-09-21"), ElementsAre("id-r1"));
  Staff("r1", 2, {{"2026-01-01", "g9", ""}});
  EXPECT_THAT(Listed("id-s1", "2026-09-21"), ElementsAre("id-r1"));
  Staff("r1", 4, {{"2026-01-01", "g1", ""}});
  EXPECT_THAT(Listed("id-s1", "2026-09-21"), IsEmpty());
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_P(RosterTest, one_roster_is_kept_until_it_changes) {
  Staff("s1", 1, {{"2026-01-01", "g1", ""}});
  const auto of = [](db::Tx& tx) { return Roster::Of(tx); };
  const auto first = Do(of);
  EXPECT_EQ(Do(of), first) << "the same object, not an equal one";
  Staff("r1", 1, {{"2026-01-01", "g1", ""}});
  const auto second = Do(of);
  EXPECT_NE(second, first);
  EXPECT_NE(second->ById("id-r1"), nullptr);
  EXPECT_EQ(first->ById("id-r1"), nullptr) << "who began with it goes on with it";
}

TEST_P(RosterTest, what_a_transaction_wrote_and_rolled_back_is_nobody_elses_roster) {
  Staff("s1", 1, {{"2026-01-01", "g1", ""}});
  {
    db::Tx tx(session(), false);
    Deliver(tx, "r1", 1, {{"2026-01-01", "g1", ""}});
    EXPECT_THAT(GroupOf(tx, "id-s1", *ParseDay("2026-09-21")), UnorderedElementsAre("id-s1", "id-r1")) << "it reads its own writes";
  }
  Staff("r2", 1, {{"2026-01-01", "g1", ""}});
  EXPECT_THAT(Group("id-s1", "2026-09-21"), UnorderedElementsAre("id-s1", "id-r2"))
      << "as many rows and versions as were rolled back, and yet another roster";
}

TEST_P(RosterTest, a_reader_of_an_older_snapshot_gets_the_roster_of_that_snapshot) {
  Staff("s1", 1, {{"2026-01-01", "g1", ""}});
  db::Session reading(url());
  db::Tx older(reading, true);
  EXPECT_THAT(GroupOf(older, "id-s1", *ParseDay("2026-09-21")), ElementsAre("id-s1"));
  Staff("r1", 1, {{"2026-01-01", "g1", ""}});
  EXPECT_THAT(Group("id-s1", "2026-09-21"), UnorderedElementsAre("id-s1", "id-r1"));
  EXPECT_THAT(GroupOf(older, "id-s1", *ParseDay("2026-09-21")), ElementsAre("id-s1"));
}

TEST_P(RosterTest, numbers_are_found_in_their_source_alone) {
  Staff("s1", 1, {{"2026-01-01", "g1", ""}});
  Do([](db::Tx& tx) {
    EXPECT_THAT(StaffByNumber(tx, "his", {"s1", "s1", "unknown"}), ElementsAre(std::pair<std::string, std::string>("s1", "id-s1")));
    EXPECT_THAT(StaffByNumber(tx, "till", {"s1"}), IsEmpty());
  });
}

TEST_P(RosterTest, the_doctor_finds_periods_that_are_not_the_snapshots) {
  Staff("s1", 1, {{"2026-01-01", "g1", ""}});
  EXPECT_THAT(Findings(), IsEmpty());
  Do([](db::Tx& tx) { tx.Exec("update roster_periods set group_no = 'g2'"); });
  EXPECT_THAT(Findings(), ElementsAre("id-s1 roster_periods: are not those of the snapshot"));
}

}  // namespace
}  // namespace renxin::runtime
