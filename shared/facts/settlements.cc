#include "shared/facts/settlements.h"

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/core/text.h"

namespace renxin::facts {
namespace {

using leads::v1::SettlementRecorded;

// A stored row; nothing, and reported, when it cannot be read.
std::optional<Settlement> FromRow(const std::string& id, const std::string& day, const std::string& body,
                                  std::vector<db::UnreadableRow>* unreadable) {
  auto event = db::ReadBody<SettlementRecorded>(kSettlementTable, id, body, unreadable);
  if (!event) return std::nullopt;
  Settlement out{.settled_on = {}, .settled_at = std::nullopt, .event = std::make_shared<const SettlementRecorded>(std::move(*event))};
  if (day.empty()) return out;
  const auto on = db::ReadDay(kSettlementTable, id, day, unreadable);
  const auto at = ParseTime(out.event->settled_at());
  if (!at) db::ReportUnreadable(kSettlementTable, id, unreadable);
  if (!on || !at) return std::nullopt;
  out.settled_on = *on;
  out.settled_at = *at;
  return out;
}

}  // namespace

Error Malformed(std::string_view what) { return {Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: " + std::string(what)}; }

Result<std::optional<Counted>> CountedAt(const Zone& zone, std::string_view field, std::string_view at) {
  if (at.empty()) return std::optional<Counted>();
  const auto parsed = ParseTime(at);
  if (!parsed) return Malformed(std::string(field) + " is no time");
  return std::optional<Counted>(Counted{*parsed, zone.DayOf(*parsed)});
}

Result<Settlement> ReadSettlement(const Zone& zone, const SettlementRecorded& event) {
  if (event.settlement_id().empty() || event.customer_id().empty() || event.version() < 1)
    return Malformed("settlement without id, customer or version");
  ASSIGN_OR_RETURN(const auto settled, CountedAt(zone, "settled_at", event.settled_at()));
  Settlement out{.settled_on = {}, .settled_at = std::nullopt, .event = std::make_shared<const SettlementRecorded>(event)};
  if (settled) {
    out.settled_on = settled->on;
    out.settled_at = settled->at;
  }
  return out;
}

Fen TotalOf(const SettlementRecorded& event) {
  Fen total = 0;
  for (const auto& line : event.lines()) total += line.amount_fen();
  return total;
}

std::vector<std::string_view> SettlementColumns(const std::vector<std::string_view>& own) {
  std::vector<std::string_view> columns{"settlement_id", "version",     "customer_id", "settled_on",
                                        "total_fen",     "occurred_at", "recorded_at", "body"};
  columns.insert(columns.end(), own.begin(), own.end());
  return columns;
}

std::vector<db::Value> SettlementValues(const Settlement& settlement, Instant occurred_at, Instant recorded_at,
                                        const std::vector<db::Value>& own) {
  const SettlementRecorded& event = *settlement.event;
  std::vector<db::Value> values{event.settlement_id(), event.version(),    event.customer_id(), SettledOn(settlement),
                                TotalOf(event),        occurred_at.micros, recorded_at.micros,  BodyOf(settlement)};
  values.insert(values.end(), own.begin(), own.end());
  return values;
}

db::Value SettledOn(const Settlement& settlement) {
  return settlement.settled_at ? db::Value(FormatDay(settlement.settled_on)) : db::Value();
}

std::string BodyOf(const Settlement& settlement) { return ToBase64(settlement.event->SerializeAsString()); }

std::vector<Settlement> SettlementsOf(Tx& tx, const std::vector<std::string>& customer_ids, std::vector<db::UnreadableRow>* unreadable) {
  std::vector<Settlement> out;
  for (auto& [id, day, body] : tx.SelectIn<std::string, std::string, std::string>(
           "select settlement_id, settled_on, body from settlement_facts where customer_id in (:keys) order by settlement_id",
           customer_ids)) {
    if (auto settlement = FromRow(id, day, body, unreadable)) out.push_back(std::move(*settlement));
  }
  return out;
}

runtime::NamedCheck SettlementsCheck(const std::string& rule) {
  return {std::string(kSettlementTable), [rule](Tx& tx, const runtime::DoctorContext& /*ctx*/, const std::string& after, int limit) {
            std::vector<runtime::CheckedRow> rows;
            for (auto& [id, settled_on, body] : tx.Select<std::string, std::string, std::string>(
                     "select settlement_id, settled_on, body from settlement_facts where settlement_id > :after order by settlement_id "
                     "limit " +
                         std::to_string(limit),
                     {{"after", after}})) {
              runtime::CheckedRow& row = rows.emplace_back(runtime::CheckedRow{.record = "settlement_fact", .id = id});
              SettlementRecorded event;
              if (!db::ParseBody(body, &event)) row.Add(rule, "body: cannot be read");
              if (!settled_on.empty() && !ParseDay(settled_on)) row.Add("G3", "settled_on: cannot be read as a day");
            }
            return rows;
          }};
}

}  // namespace renxin::facts
