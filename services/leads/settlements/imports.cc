#include "services/leads/settlements/imports.h"

#include "renxin/leads/v1/leads_policy.pb.h"
#include "services/leads/codes/store.h"
#include "services/leads/settlements/relations_store.h"
#include "services/leads/settlements/store.h"
#include "services/leads/visits/store.h"

#include <array>
#include <map>

#include "services/leads/consultations/store.h"
#include "services/leads/directory/rows.h"
#include "shared/core/text.h"

namespace renxin::leads::settlements {
namespace {

using intake::Outcome;

constexpr std::int64_t kQuantityMax = 1'000'000;

// What must be the same in all rows of one settlement.
constexpr std::array<std::string_view, 12> kOfAllRows = {"kind",  "refund_of", "customer_no", "visit_no",    "department", "doctor_no",
                                                         "payer", "course_no", "activity",    "occurred_at", "settled_at", "phone"};

struct Applying {
  Tx& tx;
  intake::Batch& batch;
  const v1::LeadsPolicy& policy;
  intake::Refs& refs;
  directory::CustomerDirectory& directory;
  Relations& relations;
  const std::map<std::string, std::string>& customer_of_visit;
  std::vector<SettledSale> sales;
};

std::string AtLine(const intake::Row& row, const std::string& reason) { return "line " + std::to_string(row.line) + ": " + reason; }

// The lines of the record; one bad line refuses all of them.
std::optional<Outcome> ReadLines(const Applying& a, const intake::Record& record, Kind kind, std::vector<Line>* lines) {
  const intake::Fields first(a.batch.kind, record.rows.front());
  for (const intake::Row& row : record.rows) {
    intake::Fields fields(a.batch.kind, row);
    for (const std::string_view column : kOfAllRows) {
      if (fields.Text(column) != first.Text(column))
        return Outcome::Refused(std::string(column), AtLine(row, "differs from the settlement's other lines"));
    }
    const auto amount = fields.Fen("amount");
    const auto quantity = fields.Integer("quantity", 1, kQuantityMax);
    fields.Require(CheckText("description", fields.Text("description"), kDescriptionMost));
    if (!fields.ok()) {
      Outcome fault = fields.Fault();
      fault.reason = AtLine(row, fault.reason);
      return fault;
    }
    lines->push_back({fields.Text("line_no"), fields.Text("category"), *amount, quantity.value_or(1)});
  }
  const Status sound = Check(kind, *lines, ToList(a.policy.categories()), {.amount = "amount"});
  if (sound) return std::nullopt;
  const FieldViolation& violation = sound.error().fields.front();
  const std::size_t index = std::stoul(violation.field.substr(6));
  return Outcome::Refused(violation.field.substr(violation.field.find('.') + 1), AtLine(record.rows[index], violation.message));
}

// L7: what it refunds, what refunds it, and whose the visit is.
Status CheckRelated(const Applying& a, const Settlement& s) {
  if (const auto visit = a.customer_of_visit.find(s.visit_id); visit != a.customer_of_visit.end() && visit->second != s.customer_id)
    return RuleBroken("visit_no", "L7", "this visit is another customer's");
  return a.relations.Check(s);
}

Outcome ApplyOne(Applying& a, const intake::Record& record) {
  intake::Fields fields(a.batch.kind, record.rows.front());
  Settlement s;
  s.kind = fields.Code("kind", {"sale", "refund"}) == "refund" ? Kind::kRefund : Kind::kSale;
  const auto occurred_at = fields.Time("occurred_at");
  const auto settled_at = fields.Time("settled_at");
  const persons::Person person =
      directory::ReadPerson(fields, "customer_name", PhoneRulesOf(a.policy), a.batch.env.zone.DayOf(a.batch.now));
  if (!fields.ok()) return fields.Fault();
  const auto head = fields.Require(CheckHead(
      {fields.Text("department"), fields.Text("payer"), fields.Text("course_no"), fields.Text("activity"), *occurred_at, settled_at},
      ToList(a.policy.payers()), a.batch.now, EntryPath::kFile));
  if (!fields.ok()) return fields.Fault();
  if (auto fault = ReadLines(a, record, s.kind, &s.lines)) return *fault;
  Outcome waiting;
  std::string refunded;
  if (!a.refs.Resolve(fields, "refund_of", "settlements", &refunded, &waiting) ||
      !a.refs.Resolve(fields, "visit_no", "visits", &s.visit_id, &waiting) ||
      !a.refs.Resolve(fields, "doctor_no", "staff", &s.doctor_id, &waiting)) {
    return waiting;
  }
  const std::string& customer_no = fields.Text("customer_no");
  if (directory::WaitsForCustomer(a.refs, customer_no, person)) return Outcome::Waiting("customer_no", "customers", customer_no);
  // Nobody's yet where the customer comes with this row: what it names is another's then.
  s.customer_id = a.refs.Find("customers", customer_no).value_or("");
  s.source = a.batch.source;
  s.settlement_no = record.no;
  s.refund_of = refunded;
  s.department = head.department;
  s.payer = head.payer;
  s.course_no = head.course_no;
  s.activity = head.activity;
  s.occurred_at = head.occurred_at;
  s.settled_at = head.settled_at;
  const std::string by = "import:" + a.batch.operation_id;
  s.id = record.target_id.empty() ? NewId() : record.target_id;
  if (const Status fits = CheckRelated(a, s); !fits) {
    const FieldViolation& violation = fits.error().fields.front();
    return Outcome::Refused(violation.field == "customer_id" ? "customer_no" : violation.field, violation.message);
  }
  // Only now: a row that is refused leaves no customer and writes over none.
  const directory::CustomerOf customer = directory::FindOrAdd(a.tx, a.batch, a.refs, a.directory, customer_no, person, {2, record.no});
  s.customer_id = customer.id;
  a.relations.Record(s);
  if (s.kind == Kind::kSale && s.settled_at) a.sales.push_back({s.customer_id, *s.settled_at});
  Outcome outcome;
  if (record.target_id.empty()) {
    Insert(a.tx, a.batch.env, s, by, a.batch.now);
    a.refs.Add("settlements", record.no, s.id);
    outcome = Outcome::Created(s.id);
  } else {
    Replace(a.tx, a.batch.env, s, by, a.batch.now);
    outcome = Outcome::Updated(s.id);
  }
  outcome.households = customer.households;
  return outcome;
}

// L2: won = the first settled purchase after the consultation.
void Win(Applying& a) {
  std::map<std::string, Instant> latest;
  std::vector<std::string> ids;
  for (const SettledSale& sale : a.sales) {
    auto [at, fresh] = latest.emplace(sale.customer_id, sale.settled_at);
    if (fresh) ids.push_back(sale.customer_id);
    at->second = std::max(at->second, sale.settled_at);
  }
  std::vector<consultations::Fact> facts;
  for (const consultations::CustomerLead& lead : consultations::OfCustomers(a.tx, ids)) {
    if (lead.consulted_at <= latest[lead.customer_id])
      facts.push_back({lead.lead_id, consultations::State::kWon, latest[lead.customer_id]});
  }
  if (!facts.empty()) consultations::AdvanceAll(a.tx, facts, "import:" + a.batch.operation_id, a.batch.now);
}

std::vector<Outcome> Apply(Tx& tx, intake::Batch& batch, const std::vector<intake::Record>& records) {
  const v1::LeadsPolicy policy = PolicyAt(tx, batch.now, batch.env);
  intake::Refs refs(tx, batch);
  std::set<std::string> departments;
  for (const intake::Record& record : records) {
    const intake::Fields fields(batch.kind, record.rows.front());
    refs.Want("customers", fields.Text("customer_no"));
    refs.Want("visits", fields.Text("visit_no"));
    refs.Want("settlements", fields.Text("refund_of"));
    refs.Want("staff", fields.Text("doctor_no"));
    departments.insert(fields.Text("department"));
  }
  // The phones first: whoever was waited for may have made known what is looked up then.
  directory::CustomerDirectory directory(tx, batch.env, "import:" + batch.operation_id, batch.now);
  directory.LoadPhones(directory::PhonesOf(batch.kind, records, PhoneRulesOf(policy)));
  refs.Load();
  std::vector<std::string> related;
  std::vector<std::string> visit_ids;
  for (const intake::Record& record : records) {
    const intake::Fields fields(batch.kind, record.rows.front());
    if (const auto sale = refs.Find("settlements", fields.Text("refund_of"))) related.push_back(*sale);
    if (const auto visit = refs.Find("visits", fields.Text("visit_no"))) visit_ids.push_back(*visit);
    if (!record.target_id.empty()) related.push_back(record.target_id);
  }
  Relations relations(tx, related);
  const auto customer_of_visit = visits::CustomersOf(tx, visit_ids);
  Applying a{tx, batch, policy, refs, directory, relations, customer_of_visit, {}};
  std::vector<Outcome> out;
  out.reserve(records.size());
  for (const intake::Record& record : records) out.push_back(ApplyOne(a, record));
  codes::Report(tx, batch, "department", departments);
  Win(a);
  return out;
}

}  // namespace

intake::KindSpec ImportKind() {
  return {.kind = "settlements",
          .columns = {{"settlement_no", true},
                      {"kind", true},
                      {"refund_of"},
                      {"customer_no", true},
                      {"customer_name"},
                      {"phone"},
                      {"visit_no"},
                      {"department"},
                      {"doctor_no"},
                      {"payer"},
                      {"course_no"},
                      {"activity"},
                      {"occurred_at", true},
                      {"settled_at"},
                      {"line_no", true},
                      {"category", true},
                      {"description"},
                      {"quantity"},
                      {"amount", true}},
          .number = "settlement_no",
          .grouped = true,
          .apply = &Apply};
}

}  // namespace renxin::leads::settlements
