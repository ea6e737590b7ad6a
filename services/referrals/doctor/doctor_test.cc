// Recognitions as releases before the sharper rules stored them.

#include "services/referrals/doctor/store.h"

#include "services/referrals/wiring.h"
#include "shared/testing/databases.h"
#include "shared/testing/findings.h"

namespace renxin::referrals::doctor {
namespace {

using runtime::Finding;

class DoctorTest : public renxin::testing::OnServiceTables {
 protected:
  DoctorTest() : OnServiceTables(AllMigrations()) {}
  struct Stored {
    std::string id;
    std::string customer;
    std::string from = "2026-01-01";
    std::string until;
    int share_bp = 10'000;
    int kind = 1;
    bool withdrawn = false;
  };
  void Add(const Stored& r) {
    Do([&](Tx& tx) {
      tx.Exec(
          "insert into recognitions (id, kind, customer_id, rep_id, from_day, until_day, share_bp, rank, reason, withdrawn, version, "
          "created_at) values (:id, :kind, :customer, 'rep', :from, :until, :share, 0, 'of old', :withdrawn, 1, 0)",
          {{"id", r.id},
           {"kind", r.kind},
           {"customer", r.customer},
           {"from", r.from},
           {"until", db::TextOrNull(r.until)},
           {"share", r.share_bp},
           {"withdrawn", r.withdrawn ? 1 : 0}});
    });
  }
  std::vector<Finding> Find() { return renxin::testing::FindAll(session(), env_, now_, Checks()); }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
};
RENXIN_ON_BOTH_DATABASES(DoctorTest);

TEST_P(DoctorTest, R6_shares_of_a_customer_above_the_whole) {
  Add({.id = "a1", .customer = "sound", .share_bp = 6'000});
  Add({.id = "a2", .customer = "sound", .share_bp = 4'000});
  Add({.id = "b1", .customer = "over", .share_bp = 6'000});
  Add({.id = "b2", .customer = "over", .from = "2026-02-01", .share_bp = 5'000});
  Add({.id = "b3", .customer = "over", .share_bp = 10'000, .withdrawn = true});
  Add({.id = "b4", .customer = "over", .share_bp = 10'000, .kind = 2});
  Add({.id = "c1", .customer = "one after the other", .until = "2026-01-31"});
  Add({.id = "c2", .customer = "one after the other", .from = "2026-02-01"});
  Add({.id = "d1", .customer = "alone", .share_bp = 10'001});
  const auto over = [](const std::string& day) {
    return "share_bp: the shares open for this customer on " + day + " add up to more than 10000";
  };
  EXPECT_EQ(Find(), (std::vector<Finding>{{"recognition", "b1", "R6", over("2026-02-01")},
                                          {"recognition", "b2", "R6", over("2026-02-01")},
                                          {"recognition", "d1", "R6", over("2026-01-01")}}));
}

TEST_P(DoctorTest, G3_G7_R5_days_that_cannot_be_or_cannot_be_read) {
  Add({.id = "a1", .customer = "c1", .from = "2029-01-01"});
  Add({.id = "a2", .customer = "c2", .until = "2025-12-31"});
  Add({.id = "a3", .customer = "c3", .from = "soon"});
  Add({.id = "a4", .customer = "c3"});
  Add({.id = "a5", .customer = "c4", .until = "2026-02-30", .withdrawn = true});
  Do([](Tx& tx) {
    tx.Exec(
        "insert into desk_visits (visit_id, version, customer_id, arrived_on) values ('v1', 1, 'c1', '2026-02-16'), "
        "('v2', 1, 'c1', '2062-02-16'), ('v3', 1, 'c1', 'today')");
    tx.Exec(
        "insert into roster (staff_id, source, staff_no, version, job, joined_on, periods) values ('r1', 'hr', '1', 1, 'rep', "
        "'2026-01-01', '!')");
  });
  const std::string unreadable = "from, until: cannot be read as days";
  EXPECT_EQ(Find(), (std::vector<Finding>{{"recognition", "a1", "G7", "from: lies more than a year ahead (G7)"},
                                          {"recognition", "a2", "R5", "until: lies before from"},
                                          {"recognition", "a3", "R5", unreadable},
                                          {"recognition", "a5", "R5", unreadable},
                                          {"desk_visit", "v2", "G7", "arrived_on: lies in the future: it has not happened yet (G7)"},
                                          {"desk_visit", "v3", "G3", "arrived_on: cannot be read as a day"},
                                          {"roster", "r1", "P1", "periods: cannot be read"}}));
}

}  // namespace
}  // namespace renxin::referrals::doctor
