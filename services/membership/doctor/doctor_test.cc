// Facts and answers as releases before the sharper rules stored them.

#include "services/membership/doctor/store.h"

#include "services/membership/testing.h"
#include "shared/testing/findings.h"

namespace renxin::membership::doctor {
namespace {

using runtime::Finding;

class DoctorTest : public StoreTest {
 protected:
  void Answer(const std::string& id, const std::string& at) {
    Do([&](Tx& tx) {
      tx.Exec(
          "insert into surveys (id, customer_id, satisfaction, answered_at, recorded_at, recorded_by) values "
          "(:id, 'c', 3, :at, 0, 'anna')",
          {{"id", id}, {"at", ParseTime(at)->micros}});
    });
  }
};
RENXIN_ON_BOTH_DATABASES(DoctorTest);

TEST_P(DoctorTest, G3_G7_M1_what_cannot_be_and_what_cannot_be_read) {
  Deliver(Sale("s1", "2026-05-03T10:00:00+08:00", 100));
  Deliver(Sale("s2", "2026-05-03T10:00:00+08:00", 100));
  Deliver(Sale("s3", "", 100));
  Answer("a1", "2026-05-09T10:00:00+08:00");
  Answer("a2", "2062-05-09T10:00:00+08:00");
  Answer("a3", "1962-05-09T10:00:00+08:00");
  Do([](Tx& tx) { tx.Exec("update settlement_facts set body = '!', settled_on = 'today' where settlement_id = 's2'"); });
  EXPECT_EQ(renxin::testing::FindAll(session(), env_, now_, Checks()),
            (std::vector<Finding>{{"settlement_fact", "s2", "M1", "body: cannot be read"},
                                  {"settlement_fact", "s2", "G3", "settled_on: cannot be read as a day"},
                                  {"survey", "a2", "G7", "answered_at: lies in the future: it has not happened yet (G7)"},
                                  {"survey", "a3", "G7", "answered_at: lies before 1990 (G7)"}}));
}

}  // namespace
}  // namespace renxin::membership::doctor
