// Rows as releases before the sharper rules stored them: readable, and listed.

#include "services/leads/doctor/doctor.h"

#include "services/leads/consents/store.h"
#include "services/leads/customers/store.h"
#include "services/leads/wiring.h"
#include "shared/core/money.h"
#include "shared/testing/databases.h"
#include "shared/testing/findings.h"

namespace renxin::leads::doctor {
namespace {

using runtime::Finding;

class DoctorTest : public renxin::testing::OnServiceTables {
 protected:
  DoctorTest() : OnServiceTables(AllMigrations()) {}
  std::string Customer(const persons::Person& person) {
    return Do([&](Tx& tx) { return customers::Insert(tx, env_, person, {}, {0, "x"}, "", now_); });
  }
  void Exec(const std::string& sql, const db::Binds& binds = {}) {
    Do([&](Tx& tx) { tx.Exec(sql, binds); });
  }
  std::vector<Finding> Find() { return renxin::testing::FindAll(session(), env_, now_, Checks()); }
  static std::int64_t Micros(const std::string& time) { return ParseTime(time)->micros; }

  struct Settled {
    std::string id;
    int kind = 1;
    std::string refund_of;
    std::string customer = "c1";
    Fen fen = 10'000;
    std::string occurred_at = "2026-02-01T09:00:00+08:00";
  };
  // With a line of an earlier version that nobody looks at any more.
  void Settle(const Settled& s) {
    Exec(
        "insert into settlements (id, source, settlement_no, kind, refund_of, customer_id, occurred_at, total_fen, version) values "
        "(:id, 'till', :id2, :kind, :of, :customer, :at, :fen, 2)",
        {{"id", s.id},
         {"id2", s.id},
         {"kind", s.kind},
         {"of", db::TextOrNull(s.refund_of)},
         {"customer", s.customer},
         {"at", Micros(s.occurred_at)},
         {"fen", s.fen}});
    for (const int version : {1, 2}) {
      Exec(
          "insert into settlement_lines (settlement_id, version, line_no, category, amount_fen) values (:id, :version, '1', 'dental', "
          ":fen)",
          {{"id", s.id}, {"version", version}, {"fen", version == 2 ? s.fen : 999}});
    }
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
};
RENXIN_ON_BOTH_DATABASES(DoctorTest);

TEST_P(DoctorTest, G4_G7_G8_L3_a_customer_that_no_entry_path_would_take_today) {
  struct Case {
    persons::Person person;
    std::vector<std::pair<std::string, std::string>> found;  // rule, what
  };
  const std::vector<Case> cases{
      {{"王芳", "+8613800138000", "1990-05-05", "solar"}, {}},
      {{"", "", "", ""}, {}},
      {{"王芳", "", "1970-01-01", "solar"}, {}},  // a likely placeholder is taken, and not greeted (L11)
      {{"王芳", "+862087654321", "1990-12-30", "lunar", "8012"}, {}},
      {{"王芳", "+8612345", "", ""}, {{"G4", "phone: is no valid number"}}},
      {{"王芳", "138001380000", "", ""}, {{"G4", "phone: is no valid number"}}},
      {{"\u200b\u3000", "", "", ""}, {{"G8", "name: is required"}}},
      {{"王*", "", "", ""}, {{"G8", "name: is masked: \"*\" is no part of a name"}}},
      {{"王芳", "", "2026-02-17", "solar"}, {{"G7", "birthday: lies in the future: it has not happened yet (G7)"}}},
      {{"王芳", "", "1990-13-01", "lunar"}, {{"L3", "birthday: no such lunar month: years 1901 to 2099 are known"}}},
      {{" ", "+861", "1990-02-31", "solar"}, {{"G8", "name: is required"}, {"G4", "phone: is no valid number"}, {"L3", "birthday: "}}},
  };
  std::map<std::string, const Case*> by_id;
  for (const Case& c : cases) by_id[Customer(c.person)] = &c;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> found;
  for (const Finding& finding : Find()) {
    EXPECT_EQ(finding.record, "customer");
    found[finding.id].emplace_back(finding.rule, finding.what);
  }
  for (const auto& [id, c] : by_id) {
    ASSERT_EQ(found[id].size(), c->found.size()) << c->person.name << c->person.phone << c->person.birthday;
    for (std::size_t i = 0; i < c->found.size(); ++i) {
      EXPECT_EQ(found[id][i].first, c->found[i].first);
      EXPECT_EQ(found[id][i].second.substr(0, c->found[i].second.size()), c->found[i].second);
    }
  }
}

TEST_P(DoctorTest, G6_a_customer_who_cannot_be_opened_fails_alone) {
  const std::string sound = Customer({"王芳", "+8613800138000", "", ""});
  const std::string moved = Customer({"李强", "", "", ""});
  Exec("update customers set name = (select other.name from customers other where other.id = :other) where id = :id",
       {{"other", sound}, {"id", moved}});
  EXPECT_EQ(Find(), (std::vector<Finding>{{"customer", moved, "G6", "personal data cannot be opened with this service's keys"}}));
}

TEST_P(DoctorTest, P2_G7_a_consent_from_the_future) {
  const std::string id = Customer({"王芳", "", "", ""});
  const auto record = [&](const std::string& purpose, std::int64_t at) {
    Do([&](Tx& tx) {
      consents::Record(tx, id,
                                  {.decision = {.purpose = purpose, .given = true, .at = {at}},
                                   .source = "a form",
                                   .text_version = "1",
                                   .recorded_at = now_,
                                   .recorded_by = "clerk"});
    });
  };
  record("service", 0);                                       // nobody knows when
  record("passing_on", Micros("2026-02-17T08:00:00+08:00"));  // a file may be a day ahead
  EXPECT_EQ(Find(), std::vector<Finding>());
  record("marketing", Micros("2099-01-01T00:00:00Z"));
  EXPECT_EQ(Find(), (std::vector<Finding>{{"consent", id, "G7", "at: lies in the future: it has not happened yet (G7)"}}));
}

TEST_P(DoctorTest, G7_L5_L6_leads_appointments_visits_and_courses) {
  const auto lead = [&](const std::string& id, const std::string& at) {
    Exec(
        "insert into leads (id, state, state_before, channel, customer_id, consulted_at, consulted_month, touches, touched_at, version, "
        "created_at) values (:id, 1, 1, 'a channel of old', 'c1', :at, '2026-01', 0, 0, 1, 0)",
        {{"id", id}, {"at", Micros(at)}});
  };
  const auto appointment = [&](const std::string& id, const std::string& booked, const std::string& slot) {
    Exec(
        "insert into appointments (id, lead_id, status, department, booked_at, slot_start, slot_day, version) values "
        "(:id, 'l1', 1, 'dental', :booked, :slot, '2026-01-01', 1)",
        {{"id", id}, {"booked", Micros(booked)}, {"slot", Micros(slot)}});
  };
  const auto visit = [&](const std::string& id, const std::string& lead_id, const std::string& customer, const std::string& at) {
    Exec(
        "insert into visits (id, customer_id, lead_id, department, outpatient, arrived_at, arrived_month, version) values "
        "(:id, :customer, :lead, 'dental', 1, :at, '2026-01', 1)",
        {{"id", id}, {"lead", db::TextOrNull(lead_id)}, {"customer", customer}, {"at", Micros(at)}});
  };
  const auto course = [&](const std::string& id, const db::Value& closed) {
    Exec(
        "insert into courses (id, source, course_no, customer_id, closed_at, version, created_at) values (:id, 'till', :no, 'c1', :at, 1, "
        "0)",
        {{"id", id}, {"no", id}, {"at", closed}});
  };
  lead("l1", "2026-01-05T09:00:00+08:00");
  lead("l2", "2027-01-05T09:00:00+08:00");
  lead("l3", "1980-01-05T09:00:00+08:00");
  appointment("a1", "2026-01-05T09:00:00+08:00", "2026-12-24T09:00:00+08:00");
  appointment("a2", "2026-01-05T09:00:00+08:00", "2026-01-04T09:00:00+08:00");
  appointment("a3", "2026-01-05T09:00:00+08:00", "2036-01-04T09:00:00+08:00");
  visit("v1", "l1", "c1", "2026-01-06T09:00:00+08:00");
  visit("v2", "", "c2", "2026-01-06T09:00:00+08:00");
  visit("v3", "l1", "c2", "2062-01-06T09:00:00+08:00");
  course("k1", {});
  course("k2", Micros("2026-02-01T09:00:00+08:00"));
  course("k3", Micros("2062-02-01T09:00:00+08:00"));
  const std::string ahead = "lies in the future: it has not happened yet (G7)";
  EXPECT_EQ(Find(),
            (std::vector<Finding>{{"lead", "l2", "G7", "consulted_at: " + ahead},
                                  {"lead", "l3", "G7", "consulted_at: lies before 1990 (G7)"},
                                  {"appointment", "a2", "L5", "slot_start: the appointment's day lies before the day it was booked"},
                                  {"appointment", "a3", "G7", "slot_start: lies more than a year ahead (G7)"},
                                  {"visit", "v3", "G7", "arrived_at: " + ahead},
                                  {"visit", "v3", "L6", "lead_id: this lead is another customer's"},
                                  {"course", "k3", "G7", "closed_at: " + ahead}}));
}

TEST_P(DoctorTest, L7_refunds_that_exceed_or_name_what_they_may_not) {
  Settle({.id = "s1"});
  Settle({.id = "s1-r", .kind = 2, .refund_of = "s1", .fen = -10'000});
  Settle({.id = "s2"});
  Settle({.id = "s2-r", .kind = 2, .refund_of = "s2", .customer = "c2", .fen = -1});
  Settle({.id = "s3", .occurred_at = "2026-02-02T09:00:00+08:00"});
  Settle({.id = "s3-r", .kind = 2, .refund_of = "s3", .fen = -1});
  Settle({.id = "s4"});
  Settle({.id = "s4-r", .kind = 2, .refund_of = "s4", .fen = -10'001});
  Settle({.id = "s5", .kind = 2, .fen = 5});  // unlinked, and no refund by its amount
  Settle({.id = "s6", .occurred_at = "2026-03-01T09:00:00+08:00"});
  Settle({.id = "s7-r", .kind = 2, .refund_of = "s7", .fen = -1});  // waits for its sale
  EXPECT_EQ(Find(), (std::vector<Finding>{{"settlement", "s2", "L7", "customer_id: it was refunded: it stays its customer's"},
                                          {"settlement", "s2-r", "L7", "refund_of: what it names is another customer's"},
                                          {"settlement", "s3", "L7", "occurred_at: lies after a refund of it"},
                                          {"settlement", "s3-r", "L7", "occurred_at: lies before the sale that it refunds"},
                                          {"settlement", "s4", "L7", "lines: comes to 100.00, of which 100.01 was refunded"},
                                          {"settlement", "s4-r", "L7", "refund_of: refunds 100.01 where 100.00 of 100.00 is left"},
                                          {"settlement", "s5", "L7", "lines[0].amount_fen: a refund's amount is negative"},
                                          {"settlement", "s6", "G7", "occurred_at: lies in the future: it has not happened yet (G7)"}}));
}

TEST_P(DoctorTest, a_roster_that_cannot_be_read) {
  Exec(
      "insert into roster (staff_id, source, staff_no, version, job, joined_on, periods) values ('r1', 'hr', '1', 1, 'rep', '2026-01-01', "
      "'!')");
  EXPECT_EQ(Find(), (std::vector<Finding>{{"roster", "r1", "P1", "periods: cannot be read"}}));
}

}  // namespace
}  // namespace renxin::leads::doctor
