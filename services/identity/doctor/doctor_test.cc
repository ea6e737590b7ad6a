// Staff and moves as releases before the sharper rules stored them.

#include "services/identity/bootstrap.h"
#include "services/identity/doctor/store.h"
#include "services/identity/staff/store.h"
#include "shared/testing/databases.h"
#include "shared/testing/findings.h"

namespace renxin::identity::doctor {
namespace {

using runtime::Finding;

class DoctorTest : public renxin::testing::OnServiceTables {
 protected:
  DoctorTest() : OnServiceTables(AllMigrations()) {}
  void Add(const std::string& id, const std::string& name, const std::string& joined, const std::string& left = "",
           const std::string& job = "rep") {
    staff::Staff s{.id = id, .source = "hr", .staff_no = id, .name = name, .job = job, .joined_on = joined, .left_on = left};
    s.first.from = joined;
    Do([&](Tx& tx) { staff::Insert(tx, env_, s, "clerk", now_); });
  }
  void Move(const std::string& id, const std::string& staff_id, const std::string& from) {
    Do([&](Tx& tx) { staff::StoreMove(tx, env_, id, staff_id, {.from = from, .group_no = "g1"}, "clerk", now_); });
  }
  std::vector<Finding> Find() { return renxin::testing::FindAll(session(), env_, now_, Checks()); }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
};
RENXIN_ON_BOTH_DATABASES(DoctorTest);

TEST_P(DoctorTest, G6_G7_G8_P1_staff_and_moves_that_no_entry_path_would_take_today) {
  Add("s1", "李强", "2025-01-01", "2026-12-31");
  Add("s2", "\u200b", "2030-01-01");
  Add("s3", "李*", "2025-01-01", "2024-01-01");
  Add("s4", "李强", "soon");
  Add("s5", "李强", "2025-01-01", "", "juggler");
  Add("s6", "李强", "2025-01-01");
  Do([](Tx& tx) { tx.Exec("update staff set name = (select other.name from staff other where other.id = 's1') where id = 's6'"); });
  Move("m1", "s1", "2026-03-01");
  Move("m2", "s1", "2029-03-01");
  Move("m3", "s1", "2024-06-01");  // before the day of joining: holds from that day
  Move("m4", "s1", "2026-2-1");
  EXPECT_EQ(Find(), (std::vector<Finding>{{"staff", "s2", "G8", "name: is required"},
                                          {"staff", "s2", "G7", "joined_on: lies more than a year ahead (G7)"},
                                          {"staff", "s3", "G8", "name: is masked: \"*\" is no part of a name"},
                                          {"staff", "s3", "P1", "left_on: lies before joined_on"},
                                          {"staff", "s4", "P1", "joined_on: " + ParseDay("soon").error().fields.front().message},
                                          {"staff", "s5", "P1", "job: unknown code"},
                                          {"staff", "s6", "G6", "the name cannot be opened with this service's keys"},
                                          {"move", "m2", "G7", "from: lies more than a year ahead (G7)"},
                                          {"move", "m4", "P1", "from: " + ParseDay("2026-2-1").error().fields.front().message}}));
}

}  // namespace
}  // namespace renxin::identity::doctor
