#include "shared/runtime/roster.h"

#include <algorithm>

#include "renxin/identity/v1/identity_events.pb.h"
#include "shared/core/text.h"
#include "shared/db/stored.h"

namespace renxin::runtime {
namespace {

const db::UpsertSpec kRoster{.table = "roster",
                             .columns = {"staff_id", "source", "staff_no", "version", "job", "joined_on", "left_on", "periods"}};

using Columns = std::tuple<std::string, std::string, std::string, std::string, std::string>;
constexpr std::string_view kColumns = "select staff_id, source, staff_no, job, periods from roster ";

RosterEntry ToEntry(const Columns& row) {
  RosterEntry entry{std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row), nullptr};
  auto snapshot = db::ReadBody<identity::v1::StaffChanged>("roster", entry.staff_id, std::get<4>(row));
  entry.readable = snapshot.has_value();
  entry.snapshot = std::make_shared<const identity::v1::StaffChanged>(std::move(snapshot).value_or(identity::v1::StaffChanged()));
  return entry;
}

std::vector<RosterEntry> SelectEntries(Tx& tx, const std::string& where, const db::Binds& binds) {
  std::vector<RosterEntry> out;
  for (const Columns& row :
       tx.Select<std::string, std::string, std::string, std::string, std::string>(std::string(kColumns) + where, binds)) {
    out.push_back(ToEntry(row));
  }
  return out;
}

}  // namespace

Status OnStaffChanged(Tx& tx, const EventContext& /*ctx*/, const identity::v1::StaffChanged& event) {
  if (event.staff_id().empty() || event.staff_no().empty()) {
    return Error{Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: staff_changed without staff"};
  }
  tx.Upsert(kRoster, {event.staff_id(), event.source(), event.staff_no(), event.version(), event.job(), event.joined_on(),
                      db::TextOrNull(event.left_on()), ToBase64(event.SerializeAsString())});
  return Ok{};
}

NamedCheck RosterCheck() {
  return {"roster", [](Tx& tx, const DoctorContext& /*ctx*/, const std::string& after, int limit) {
            std::vector<CheckedRow> rows;
            for (auto& [id, periods] : tx.Select<std::string, std::string>(
                     "select staff_id, periods from roster where staff_id > :after order by staff_id limit " + std::to_string(limit),
                     {{"after", after}})) {
              CheckedRow& row = rows.emplace_back(CheckedRow{.record = "roster", .id = id});
              identity::v1::StaffChanged snapshot;
              if (!db::ParseBody(periods, &snapshot)) row.Add("P1", "periods: cannot be read");
            }
            return rows;
          }};
}

const identity::v1::StaffPeriod* PeriodOn(const identity::v1::StaffChanged& staff, Day day) {
  const std::string text = FormatDay(day);
  const identity::v1::StaffPeriod* found = nullptr;
  for (const auto& period : staff.periods()) {
    if (period.from() <= text) found = &period;
  }
  return found;
}

std::vector<std::string> GroupOf(Tx& tx, std::string_view staff_id, Day day) {
  const auto self = StaffById(tx, staff_id);
  if (!self) return {};
  const identity::v1::StaffPeriod* own = PeriodOn(*self->snapshot, day);
  std::vector<std::string> out;
  std::string after;
  for (;;) {
    const std::vector<RosterEntry> page = ListRoster(tx, self->source, after, 500);
    for (const RosterEntry& entry : page) {
      const identity::v1::StaffPeriod* period = PeriodOn(*entry.snapshot, day);
      if (period == nullptr) continue;
      const bool same_group = own != nullptr && !own->group_no().empty() && period->group_no() == own->group_no();
      if (same_group || period->supervisor_no() == self->staff_no) out.push_back(entry.staff_id);
    }
    if (page.size() < 500) return out;
    after = page.back().staff_id;
  }
}

std::vector<std::pair<std::string, std::string>> StaffByNumber(Tx& tx, std::string_view source, const std::vector<std::string>& numbers) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [no, id] : tx.SelectIn<std::string, std::string>(
           "select staff_no, staff_id from roster where source = :source and staff_no in (:keys)", numbers, {{"source", source}})) {
    out.emplace_back(no, id);
  }
  return out;
}

std::optional<RosterEntry> StaffById(Tx& tx, std::string_view staff_id) {
  auto rows = SelectEntries(tx, "where staff_id = :id", {{"id", staff_id}});
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::vector<RosterEntry> ListRoster(Tx& tx, std::string_view source, std::string_view after, int limit) {
  return SelectEntries(tx, "where (:any = 1 or source = :source) and staff_id > :after order by staff_id limit " + std::to_string(limit),
                       {{"any", source.empty() ? 1 : 0}, {"source", source}, {"after", after}});
}

}  // namespace renxin::runtime
