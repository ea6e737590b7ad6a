#include "services/leads/visits/store.h"

#include <map>

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/db/rows.h"
#include "shared/runtime/scope.h"

namespace renxin::leads::visits {
namespace {

const db::InsertSpec kInsert{.table = "visits",
                             .columns = {"id", "customer_id", "lead_id", "department", "outpatient", "arrived_at", "arrived_month",
                                         "doctor_id", "partner_ref", "slip_no", "card_no", "rep_id", "imported_from", "version"}};

void PublishVisit(Tx& tx, const Visit& visit, Instant now) {
  v1::VisitRegistered event;
  event.set_visit_id(visit.id);
  event.set_customer_id(visit.customer_id);
  event.set_lead_id(visit.lead_id);
  event.set_department(visit.department);
  event.set_outpatient(visit.outpatient);
  event.set_arrived_at(FormatTime(visit.arrived_at));
  event.set_rep_id(visit.rep_id);
  event.set_partner_ref(visit.partner_ref);
  event.set_slip_no(visit.slip_no);
  event.set_card_no(visit.card_no);
  event.set_source(visit.imported_from);
  event.set_version(visit.version);
  db::Publish(tx, {visit.id, visit.version, visit.arrived_at, now}, event);
}

const db::Rows<Visit> kVisits("visits", {{"id", &Visit::id},
                                         {"customer_id", &Visit::customer_id},
                                         {"lead_id", &Visit::lead_id},
                                         {"department", &Visit::department},
                                         {"outpatient", &Visit::outpatient},
                                         {"arrived_at", &Visit::arrived_at},
                                         {"doctor_id", &Visit::doctor_id},
                                         {"partner_ref", &Visit::partner_ref},
                                         {"slip_no", &Visit::slip_no},
                                         {"card_no", &Visit::card_no},
                                         {"rep_id", &Visit::rep_id},
                                         {"imported_from", &Visit::imported_from},
                                         {"version", &Visit::version}});

}  // namespace

void Insert(Tx& tx, const Environment& env, const Visit& v, std::string_view by, Instant now) {
  tx.Stage(kInsert,
           {v.id, v.customer_id, db::TextOrNull(v.lead_id), v.department, std::int64_t{v.outpatient}, v.arrived_at.micros,
            FormatMonth(env.zone.MonthOf(v.arrived_at)), db::TextOrNull(v.doctor_id), db::TextOrNull(v.partner_ref),
            db::TextOrNull(v.slip_no), db::TextOrNull(v.card_no), db::TextOrNull(v.rep_id), db::TextOrNull(v.imported_from), v.version});
  db::AppendHistory(tx, {"visit", v.id, now, std::string(by), "", "arrived", ""});
  PublishVisit(tx, v, now);
}

void Update(Tx& tx, const Environment& env, const Visit& v, std::string_view by, Instant now) {
  tx.Exec(
      "update visits set customer_id = :customer, lead_id = :lead, department = :department, outpatient = :outpatient, arrived_at = :at, "
      "arrived_month = :month, doctor_id = :doctor, partner_ref = :partner, slip_no = :slip, card_no = :card, rep_id = :rep, "
      "version = version + 1 where id = :id",
      {{"customer", v.customer_id},
       {"lead", db::TextOrNull(v.lead_id)},
       {"department", v.department},
       {"outpatient", v.outpatient ? 1 : 0},
       {"at", v.arrived_at.micros},
       {"month", FormatMonth(env.zone.MonthOf(v.arrived_at))},
       {"doctor", db::TextOrNull(v.doctor_id)},
       {"partner", db::TextOrNull(v.partner_ref)},
       {"slip", db::TextOrNull(v.slip_no)},
       {"card", db::TextOrNull(v.card_no)},
       {"rep", db::TextOrNull(v.rep_id)},
       {"id", v.id}});
  db::AppendHistory(tx, {"visit", v.id, now, std::string(by), "", "", "updated by import"});
  Visit stored = v;
  stored.version = std::get<0>(*tx.First<std::int64_t>("select version from visits where id = :id", {{"id", v.id}}));
  PublishVisit(tx, stored, now);
}

std::optional<Visit> Get(Tx& tx, const Scope& scope, const std::string& id) {
  auto rows = kVisits.Select(tx, "where id = :id", {{"id", id}});
  if (rows.empty() || (!scope.all && !scope.Sees(rows.front().rep_id))) return std::nullopt;
  return std::move(rows.front());
}

contract::Paged<Visit> List(Tx& tx, const Scope& scope, const ListFilter& filter, const contract::Page& page) {
  std::string where = "where arrived_at >= :from and arrived_at < :to";
  db::Binds binds{{"from", filter.days.from}, {"to", filter.days.to}};
  if (!page.first()) {
    where += " and arrived_at <= :at and (arrived_at < :at2 or id < :before)";
    binds.insert(binds.end(), {{"at", page.Number(0)}, {"at2", page.Number(0)}, {"before", page.Text(1)}});
  }
  if (!filter.customer_id.empty()) {
    where += " and customer_id = :customer";
    binds.emplace_back("customer", filter.customer_id);
  }
  if (!filter.department.empty()) {
    where += " and department = :department";
    binds.emplace_back("department", filter.department);
  }
  if (!filter.rep_id.empty()) {
    where += " and rep_id = :rep";
    binds.emplace_back("rep", filter.rep_id);
  }
  where +=
      " and " + runtime::ScopeClause(scope, "rep_id", &binds) + " order by arrived_at desc, id desc limit " + std::to_string(page.fetch());
  return contract::Cut(kVisitList, page, kVisits.Select(tx, where, binds), [](const Visit& visit) {
    return std::vector<std::string>{std::to_string(visit.arrived_at.micros), visit.id};
  });
}

std::map<std::string, std::string> CustomersOf(Tx& tx, const std::vector<std::string>& visit_ids) {
  std::map<std::string, std::string> out;
  for (auto& [id, customer] : tx.SelectIn<std::string, std::string>("select id, customer_id from visits where id in (:keys)", visit_ids))
    out.emplace(id, customer);
  return out;
}

std::map<std::string, std::string> CustomersOfLeads(Tx& tx, const std::vector<std::string>& lead_ids) {
  std::map<std::string, std::string> out;
  for (auto& [id, customer] : tx.SelectIn<std::string, std::string>("select id, customer_id from leads where id in (:keys)", lead_ids))
    out[id] = customer;
  return out;
}

bool IsFirstArrival(Tx& tx, const Visit& visit) {
  return !tx.First<std::int64_t>(
      "select 1 from visits where customer_id = :customer and id <> :id and (arrived_at < :at or (arrived_at = :at2 and id < :id2)) limit "
      "1",
      {{"customer", visit.customer_id},
       {"id", visit.id},
       {"at", visit.arrived_at.micros},
       {"at2", visit.arrived_at.micros},
       {"id2", visit.id}});
}

std::vector<Counted> CountBy(Tx& tx, std::string_view group_by, const std::string& imported_from) {
  static const std::map<std::string_view, std::string_view> kKeys{
      {"rep", "coalesce(rep_id, '')"}, {"month", "arrived_month"}, {"department", "department"}};
  const std::string key(kKeys.at(group_by));
  const std::string sql = "select " + key + ", cast(count(*) as bigint) from visits where (:any = 1 or imported_from = :from) group by " +
                          key + " order by 1 limit 2000";
  std::vector<Counted> out;
  for (auto& [value, count] :
       tx.Select<std::string, std::int64_t>(sql, {{"any", imported_from.empty() ? 1 : 0}, {"from", imported_from}})) {
    out.push_back({value, count});
  }
  return out;
}

Totals TotalsOf(Tx& tx) {
  const auto row =
      *tx.First<std::int64_t, std::int64_t>("select cast(count(*) as bigint), cast(coalesce(sum(version), 0) as bigint) from visits");
  return {std::get<0>(row), std::get<1>(row)};
}

}  // namespace renxin::leads::visits
