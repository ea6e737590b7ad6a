// Facts, plans and frozen statements that cannot be read.

#include "services/commissions/doctor/store.h"

#include "services/commissions/testing.h"
#include "shared/testing/findings.h"

namespace renxin::commissions::doctor {
namespace {

using runtime::Finding;

class DoctorTest : public StoreTest {
 protected:
  void Exec(const std::string& sql, const db::Binds& binds = {}) {
    Do([&](Tx& tx) { tx.Exec(sql, binds); });
  }
  // A fact of old that was stored as it came.
  void AddRecognition(const std::string& id, const std::string& from, const std::string& until) {
    referrals::v1::ReferralRecognised event;
    event.set_recognition_id(id);
    event.set_from(from);
    event.set_until(until);
    Exec(
        "insert into recognition_facts (recognition_id, version, customer_id, rep_id, occurred_at, recorded_at, body) values "
        "(:id, 1, 'c', 'r', 0, 0, :body)",
        {{"id", id}, {"body", ToBase64(event.SerializeAsString())}});
  }
  void AddCourse(const std::string& id, const std::string& closed_on, const std::string& body) {
    Exec(
        "insert into course_facts (course_id, version, customer_id, source, course_no, closed_on, occurred_at, recorded_at, body) values "
        "(:id, 1, 'c', 'till', 'k', :day, 0, 0, :body)",
        {{"id", id}, {"day", db::TextOrNull(closed_on)}, {"body", body}});
  }
  void AddLocked(const std::string& period, const std::string& payee, const std::string& roster, const std::string& body) {
    Exec(
        "insert into locked_statements (period, payee_id, commission_fen, statement_hash, roster, body) values "
        "(:period, :payee, 0, '', :roster, :body)",
        {{"period", period}, {"payee", payee}, {"roster", roster}, {"body", body}});
  }
  std::vector<Finding> Find() { return renxin::testing::FindAll(session(), env_, now_, Checks()); }
};
RENXIN_ON_BOTH_DATABASES(DoctorTest);

TEST_P(DoctorTest, C12_what_is_sound_is_not_listed) {
  const Staff rep = Rep();
  Do([&](Tx& tx) {
    Recognise(tx, rep, "c1", 10'000);
    Settle(tx, "c1", "2026-05-03", 100);
  });
  ASSERT_TRUE(Lock("2026-05").ok());
  EXPECT_EQ(Find(), std::vector<Finding>());
}

TEST_P(DoctorTest, C12_C13_G3_what_cannot_be_read_is_listed) {
  const Staff rep = Rep();
  const std::string settlement = Do([&](Tx& tx) { return Settle(tx, "c1", "2026-05-03", 100); });
  Exec("update settlement_facts set body = '!', settled_on = '2026-02-30'");
  AddCourse("k1", "", "");
  AddCourse("k2", "2026-13-01", "!");
  AddRecognition("r1", "2026-01-01", "");
  AddRecognition("r2", "soon", "later");
  Exec(
      "insert into plans (id, code, version, effective_from, author, body, created_at) values ('p1', 'plan-x', 1, 'soon', 'anna', '!', 0)");
  AddLocked("2026-03", "a", "", "");
  AddLocked("2026-03", "b", "", "!");
  AddLocked("2026-04", "a", "!", "");
  Exec("update roster set periods = '!'");
  EXPECT_EQ(Find(), (std::vector<Finding>{{"settlement_fact", settlement, "C12", "body: cannot be read"},
                                          {"settlement_fact", settlement, "G3", "settled_on: cannot be read as a day"},
                                          {"course_fact", "k2", "C12", "body: cannot be read"},
                                          {"course_fact", "k2", "G3", "closed_on: cannot be read as a day"},
                                          {"recognition_fact", "r2", "G3", "from: cannot be read as a day"},
                                          {"recognition_fact", "r2", "G3", "until: cannot be read as a day"},
                                          {"plan", "p1", "C2", "body: cannot be read"},
                                          {"plan", "p1", "G3", "effective_from: cannot be read as a day"},
                                          {"locked_statement", "2026-03/b", "C13", "body: cannot be read"},
                                          {"locked_statement", "2026-04/a", "C13", "roster: cannot be read"},
                                          {"roster", rep.id, "P1", "periods: cannot be read"}}));
}

}  // namespace
}  // namespace renxin::commissions::doctor
