#include "services/commissions/doctor/store.h"

#include "renxin/commissions/v1/commissions.pb.h"
#include "renxin/identity/v1/identity_events.pb.h"
#include "renxin/leads/v1/leads_events.pb.h"
#include "renxin/referrals/v1/referrals_events.pb.h"
#include "shared/db/stored.h"
#include "shared/facts/settlements.h"
#include "shared/runtime/roster.h"

namespace renxin::commissions::doctor {
namespace {

using runtime::CheckedRow;
using runtime::DoctorContext;

// C12: what cannot be read is left out of every statement.
template <class Message>
void ExpectBody(const std::string& body, std::string_view rule, CheckedRow* row, Message* message) {
  if (!db::ParseBody(body, message)) row->Add(rule, "body: cannot be read");
}
// Empty: it has not come yet.
void ExpectDay(std::string_view field, const std::string& day, CheckedRow* row) {
  if (!day.empty() && !ParseDay(day)) row->Add("G3", std::string(field) + ": cannot be read as a day");
}

std::vector<CheckedRow> CheckCourses(Tx& tx, const DoctorContext& /*ctx*/, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (auto& [id, closed_on, body] : tx.Select<std::string, std::string, std::string>(
           "select course_id, closed_on, body from course_facts where course_id > :after order by course_id limit " + std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "course_fact", .id = id});
    leads::v1::CourseChanged event;
    ExpectBody(body, "C12", &row, &event);
    ExpectDay("closed_on", closed_on, &row);
  }
  return rows;
}

std::vector<CheckedRow> CheckRecognitions(Tx& tx, const DoctorContext& /*ctx*/, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (auto& [id, body] : tx.Select<std::string, std::string>(
           "select recognition_id, body from recognition_facts where recognition_id > :after order by recognition_id limit " +
               std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "recognition_fact", .id = id});
    referrals::v1::ReferralRecognised event;
    ExpectBody(body, "C12", &row, &event);
    ExpectDay("from", event.from(), &row);
    ExpectDay("until", event.until(), &row);
  }
  return rows;
}

std::vector<CheckedRow> CheckPlans(Tx& tx, const DoctorContext& /*ctx*/, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (auto& [id, effective_from, body] : tx.Select<std::string, std::string, std::string>(
           "select id, effective_from, body from plans where id > :after order by id limit " + std::to_string(limit), {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "plan", .id = id});
    v1::PlanDocument document;
    ExpectBody(body, "C2", &row, &document);
    ExpectDay("effective_from", effective_from, &row);
  }
  return rows;
}

// `2026-03/payee`.
std::vector<CheckedRow> CheckLockedStatements(Tx& tx, const DoctorContext& /*ctx*/, const std::string& after, int limit) {
  const std::string period = after.substr(0, after.find('/'));
  const std::string payee = after.size() > period.size() ? after.substr(period.size() + 1) : "";
  std::vector<CheckedRow> rows;
  for (auto& [of, whose, roster, body] : tx.Select<std::string, std::string, std::string, std::string>(
           "select period, payee_id, roster, body from locked_statements where (period, payee_id) > (:period, :payee) "
           "order by period, payee_id limit " +
               std::to_string(limit),
           {{"period", period}, {"payee", payee}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "locked_statement", .id = of + "/" + whose});
    v1::Statement statement;
    ExpectBody(body, "C13", &row, &statement);
    identity::v1::StaffChanged snapshot;
    if (!db::ParseBody(roster, &snapshot)) row.Add("C13", "roster: cannot be read");
  }
  return rows;
}

}  // namespace

std::vector<runtime::NamedCheck> Checks() {
  return {renxin::facts::SettlementsCheck("C12"),        {"course_facts", &CheckCourses},
          {"recognition_facts", &CheckRecognitions},     {"plans", &CheckPlans},
          {"locked_statements", &CheckLockedStatements}, runtime::RosterCheck()};
}

}  // namespace renxin::commissions::doctor
