#include "services/leads/appointments/store.h"

#include <array>

#include "shared/db/rows.h"
#include "shared/runtime/scope.h"

namespace renxin::leads::appointments {
namespace {

const db::InsertSpec kInsert{
    .table = "appointments",
    .columns = {"id", "lead_id", "status", "department", "booked_at", "slot_start", "slot_day", "status_at", "imported_from", "version"}};

const db::Rows<Appointment> kAppointments("appointments a", {{"a.id", &Appointment::id},
                                                             {"a.lead_id", &Appointment::lead_id},
                                                             {"a.status", &Appointment::status},
                                                             {"a.department", &Appointment::department},
                                                             {"a.booked_at", &Appointment::booked_at},
                                                             {"a.slot_start", &Appointment::slot_start},
                                                             {"a.status_at", &Appointment::status_at},
                                                             {"a.imported_from", &Appointment::imported_from},
                                                             {"a.version", &Appointment::version}});

std::string SeenBy(const Scope& scope, db::Binds* binds) {
  if (scope.all) return "";
  return " and exists (select 1 from leads l where l.id = a.lead_id and " + runtime::ScopeClause(scope, "l.consultant_id", binds) + ")";
}

}  // namespace

std::string_view Name(Status status) {
  static constexpr std::array<std::string_view, 5> kNames = {"", "booked", "arrived", "no_show", "cancelled"};
  return kNames.at(static_cast<std::size_t>(status));
}

Result<Appointment> Move(const Appointment& from, Status to, Instant now) {
  if (to == Status::kBooked || to == Status::kUnspecified)
    return InvalidField("to", "L5", "an appointment arrives, is missed or is cancelled");
  if (from.status != Status::kBooked) return WrongState("L5: the appointment is " + std::string(Name(from.status)));
  Appointment after = from;
  after.status = to;
  after.status_at = now;
  ++after.version;
  return after;
}

void Insert(Tx& tx, const Environment& env, const Appointment& a, std::string_view by, Instant now) {
  tx.Stage(kInsert, {a.id, a.lead_id, std::int64_t{static_cast<int>(a.status)}, a.department, a.booked_at.micros, a.slot_start.micros,
                     FormatDay(env.zone.DayOf(a.slot_start)), a.status_at ? db::Value(a.status_at->micros) : db::Value(),
                     db::TextOrNull(a.imported_from), a.version});
  db::AppendHistory(tx, {"appointment", a.id, now, std::string(by), "", std::string(Name(a.status)), ""});
}

void Update(Tx& tx, const Environment& env, const Appointment& a, std::string_view by, Instant now) {
  tx.Exec(
      "update appointments set lead_id = :lead, status = :status, department = :department, booked_at = :booked, slot_start = :slot, "
      "slot_day = :day, status_at = :status_at, version = version + 1 where id = :id",
      {{"lead", a.lead_id},
       {"status", static_cast<int>(a.status)},
       {"department", a.department},
       {"booked", a.booked_at.micros},
       {"slot", a.slot_start.micros},
       {"day", FormatDay(env.zone.DayOf(a.slot_start))},
       {"status_at", a.status_at ? db::Value(a.status_at->micros) : db::Value()},
       {"id", a.id}});
  db::AppendHistory(tx, {"appointment", a.id, now, std::string(by), "", std::string(Name(a.status)), ""});
}

std::optional<Appointment> GetForUpdate(Tx& tx, const std::string& id) {
  return kAppointments.First(tx, "where a.id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
}

std::optional<Appointment> Get(Tx& tx, const Scope& scope, const std::string& id) {
  db::Binds binds{{"id", id}};
  const std::string seen = SeenBy(scope, &binds);
  return kAppointments.First(tx, "where a.id = :id" + seen, binds);
}

contract::Paged<Appointment> List(Tx& tx, const Scope& scope, const ListFilter& filter, const contract::Page& page) {
  std::string where = "where a.slot_start >= :from and a.slot_start < :to";
  db::Binds binds{{"from", filter.days.from}, {"to", filter.days.to}};
  if (!page.first()) {
    where += " and a.slot_start >= :at and (a.slot_start > :at2 or a.id > :after)";
    binds.insert(binds.end(), {{"at", page.Number(0)}, {"at2", page.Number(0)}, {"after", page.Text(1)}});
  }
  if (filter.status != Status::kUnspecified) {
    where += " and a.status = :status";
    binds.emplace_back("status", static_cast<int>(filter.status));
  }
  if (!filter.lead_id.empty()) {
    where += " and a.lead_id = :lead";
    binds.emplace_back("lead", filter.lead_id);
  }
  if (!filter.customer_id.empty()) {
    where += " and a.lead_id in (select id from leads where customer_id = :customer)";
    binds.emplace_back("customer", filter.customer_id);
  }
  where += SeenBy(scope, &binds) + " order by a.slot_start, a.id limit " + std::to_string(page.fetch());
  return contract::Cut(kAppointmentList, page, kAppointments.Select(tx, where, binds), [](const Appointment& a) {
    return std::vector<std::string>{std::to_string(a.slot_start.micros), a.id};
  });
}

std::vector<DayCount> CountByDay(Tx& tx, const std::string& imported_from) {
  std::vector<DayCount> out;
  for (auto& [day, all, arrived, missed] : tx.Select<std::string, std::int64_t, std::int64_t, std::int64_t>(
           "select slot_day, cast(count(*) as bigint), cast(sum(case when status = 2 then 1 else 0 end) as bigint), "
           "cast(sum(case when status = 3 then 1 else 0 end) as bigint) from appointments where (:any = 1 or imported_from = :from) "
           "group by slot_day order by slot_day limit 4000",
           {{"any", imported_from.empty() ? 1 : 0}, {"from", imported_from}})) {
    out.push_back({day, all, arrived, missed});
  }
  return out;
}

}  // namespace renxin::leads::appointments
