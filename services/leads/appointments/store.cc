#include "services/leads/appointments/store.h"

#include <array>

namespace renxin::leads::appointments {
namespace {

const db::InsertSpec kInsert{
    .table = "appointments",
    .columns = {"id", "lead_id", "status", "department", "booked_at", "slot_start", "slot_day", "status_at", "imported_from", "version"}};

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

std::optional<Appointment> Get(Tx& tx, const std::string& id) {
  const auto row =
      tx.First<std::string, std::int64_t, std::string, std::int64_t, std::int64_t, std::optional<std::int64_t>, std::string, std::int64_t>(
          "select lead_id, status, department, booked_at, slot_start, status_at, imported_from, version from appointments where id = :id" +
              std::string(tx.ForUpdate()),
          {{"id", id}});
  if (!row) return std::nullopt;
  Appointment a;
  a.id = id;
  std::int64_t status = 0;
  std::optional<std::int64_t> status_at;
  std::tie(a.lead_id, status, a.department, a.booked_at.micros, a.slot_start.micros, status_at, a.imported_from, a.version) = *row;
  a.status = static_cast<Status>(status);
  if (status_at) a.status_at = Instant{*status_at};
  return a;
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
