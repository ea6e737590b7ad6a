#include "services/commissions/facts/reactions.h"

#include "shared/core/text.h"

namespace renxin::commissions::facts {
namespace {

const db::InsertSpec kSettlement{
    .table = "settlement_facts",
    .columns = {"settlement_id", "version", "customer_id", "visit_id", "refund_of", "settled_on", "settled_month", "total_fen",
                "occurred_at", "recorded_at", "body"},
    .suffix =
        "on conflict (settlement_id) do update set version = excluded.version, customer_id = excluded.customer_id, visit_id = "
        "excluded.visit_id, "
        "refund_of = excluded.refund_of, settled_on = excluded.settled_on, settled_month = excluded.settled_month, "
        "total_fen = excluded.total_fen, occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at, body = excluded.body "
        "where excluded.version > settlement_facts.version"};
const db::InsertSpec kCourse{
    .table = "course_facts",
    .columns = {"course_id", "version", "customer_id", "source", "course_no", "closed_on", "closed_month", "occurred_at", "recorded_at",
                "body"},
    .suffix =
        "on conflict (course_id) do update set version = excluded.version, customer_id = excluded.customer_id, source = excluded.source, "
        "course_no = excluded.course_no, closed_on = excluded.closed_on, closed_month = excluded.closed_month, "
        "occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at, body = excluded.body "
        "where excluded.version > course_facts.version"};
const db::InsertSpec kRecognition{.table = "recognition_facts",
                                  .columns = {"recognition_id", "version", "customer_id", "rep_id", "occurred_at", "recorded_at", "body"},
                                  .suffix =
                                      "on conflict (recognition_id) do update set version = excluded.version, customer_id = "
                                      "excluded.customer_id, rep_id = excluded.rep_id, "
                                      "occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at, body = excluded.body "
                                      "where excluded.version > recognition_facts.version"};

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
  tx.Stage(kSettlement, {event.settlement_id(), event.version(), event.customer_id(), db::TextOrNull(event.visit_id()),
                         db::TextOrNull(event.refund_of()), day, month, total, ctx.occurred_at.micros, ctx.recorded_at.micros,
                         ToBase64(event.SerializeAsString())});
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
  tx.Stage(kCourse, {event.course_id(), event.version(), event.customer_id(), event.source(), event.course_no(), day, month,
                     ctx.occurred_at.micros, ctx.recorded_at.micros, ToBase64(event.SerializeAsString())});
  return Ok{};
}

Status OnReferralRecognised(Tx& tx, const EventContext& ctx, const referrals::v1::ReferralRecognised& event) {
  if (event.recognition_id().empty() || event.customer_id().empty() || event.rep_id().empty() || !ParseDay(event.from())) {
    return Malformed("recognition without id, customer, rep or day");
  }
  tx.Stage(kRecognition, {event.recognition_id(), event.version(), event.customer_id(), event.rep_id(), ctx.occurred_at.micros,
                          ctx.recorded_at.micros, ToBase64(event.SerializeAsString())});
  return Ok{};
}

}  // namespace renxin::commissions::facts
