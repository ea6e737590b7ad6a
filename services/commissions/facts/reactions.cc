#include "services/commissions/facts/reactions.h"

#include "services/commissions/facts/store.h"

namespace renxin::commissions::facts {
namespace {

Error Malformed(std::string_view what) { return {Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: " + std::string(what)}; }

}  // namespace

Status OnSettlementRecorded(Tx& tx, const EventContext& ctx, const leads::v1::SettlementRecorded& event) {
  if (event.settlement_id().empty() || event.customer_id().empty() || event.version() < 1)
    return Malformed("settlement without id, customer or version");
  db::Value day;
  db::Value month;
  if (!event.settled_at().empty()) {
    const auto settled = ParseTime(event.settled_at());
    if (!settled) return Malformed("settled_at is no time");
    const Day on = ctx.env.zone.DayOf(*settled);
    day = FormatDay(on);
    month = FormatMonth(MonthOf(on));
  }
  std::int64_t total = 0;
  for (const auto& line : event.lines()) total += line.amount_fen();
  UpsertSettlement(tx, ctx, event, {day, month}, total);
  return Ok{};
}

Status OnCourseChanged(Tx& tx, const EventContext& ctx, const leads::v1::CourseChanged& event) {
  if (event.course_id().empty() || event.customer_id().empty() || event.course_no().empty() || event.version() < 1)
    return Malformed("course without id, customer, number or version");
  db::Value day;
  db::Value month;
  if (!event.closed_at().empty()) {
    const auto closed = ParseTime(event.closed_at());
    if (!closed) return Malformed("closed_at is no time");
    const Day on = ctx.env.zone.DayOf(*closed);
    day = FormatDay(on);
    month = FormatMonth(MonthOf(on));
  }
  UpsertCourse(tx, ctx, event, {day, month});
  return Ok{};
}

Status OnReferralRecognised(Tx& tx, const EventContext& ctx, const referrals::v1::ReferralRecognised& event) {
  if (event.recognition_id().empty() || event.customer_id().empty() || event.rep_id().empty() || !ParseDay(event.from())) {
    return Malformed("recognition without id, customer, rep or day");
  }
  UpsertRecognition(tx, ctx, event);
  return Ok{};
}

}  // namespace renxin::commissions::facts
