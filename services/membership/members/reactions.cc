#include "services/membership/members/reactions.h"

#include <set>

#include "services/membership/members/refresh.h"
#include "shared/core/text.h"

namespace renxin::membership::members {
namespace {

Error Malformed(std::string_view what) { return {Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: " + std::string(what)}; }

}  // namespace

Status OnSettlementRecorded(Tx& tx, const EventContext& ctx, const leads::v1::SettlementRecorded& event) {
  if (event.settlement_id().empty() || !IsUuid(event.customer_id()) || event.version() < 1)
    return Malformed("settlement without id, customer or version");
  std::optional<Day> day;
  if (!event.settled_at().empty()) {
    const auto settled = ParseTime(event.settled_at());
    if (!settled) return Malformed("settled_at is no time");
    day = ctx.env.zone.DayOf(*settled);
  }
  // In order, so that two reactions never wait for each other; a corrected settlement may have been another's before.
  std::set<std::string> customers{event.customer_id()};
  if (const auto before = CustomerOf(tx, event.settlement_id())) customers.insert(*before);
  std::vector<Row> rows;
  rows.reserve(customers.size());
  for (const std::string& customer : customers) rows.push_back(Lock(tx, customer, ctx.now));
  if (!Put(tx, ctx, event, day)) return Ok{};
  for (Row& row : rows)
    Refresh(tx, ctx.env, std::move(row), {FactKind::kSettlement, event.settlement_id(), "event:settlement_recorded"}, ctx.now);
  return Ok{};
}

}  // namespace renxin::membership::members
