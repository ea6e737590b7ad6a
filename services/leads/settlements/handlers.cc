#include "services/leads/settlements/handlers.h"

#include "renxin/leads/v1/leads_policy.pb.h"
#include "services/leads/consultations/store.h"
#include "services/leads/courses/store.h"
#include "services/leads/customers/store.h"
#include "services/leads/policy/policy.h"
#include "services/leads/settlements/relations_store.h"
#include "services/leads/settlements/store.h"
#include "services/leads/visits/store.h"
#include "shared/core/normal.h"
#include "shared/core/text.h"
#include "shared/intake/engine.h"
#include "shared/runtime/version.h"

namespace renxin::leads::settlements {
namespace {

v1::Settlement ToProto(const Settlement& s) {
  v1::Settlement out;
  out.set_id(s.id);
  out.set_settlement_no(s.settlement_no);
  out.set_kind(static_cast<v1::SettlementKind>(s.kind));
  out.set_customer_id(s.customer_id);
  out.set_visit_id(s.visit_id);
  if (s.settled_at) out.set_settled_at(FormatTime(*s.settled_at));
  out.set_total_fen(Total(s.lines));
  for (const Line& line : s.lines) {
    auto* to = out.add_lines();
    to->set_line_no(line.line_no);
    to->set_category(line.category);
    to->set_amount_fen(line.amount);
    to->set_quantity(line.quantity);
  }
  out.set_version(s.version);
  return out;
}

std::vector<Line> ReadLines(const v1::RecordSettlementRequest& req) {
  std::vector<Line> lines;
  for (int i = 0; i < req.lines_size(); ++i) {
    // Absent is one; an explicit 0 does not come this far.
    const std::int64_t quantity = req.lines(i).has_quantity() ? req.lines(i).quantity() : 1;
    lines.push_back({NormalCode(req.lines(i).line_no()), req.lines(i).category(), req.lines(i).amount_fen(), quantity});
  }
  return lines;
}

Result<Head> ReadHead(const v1::RecordSettlementRequest& req, const v1::LeadsPolicy& policy, Instant now) {
  Head head{.department = req.department(), .payer = req.payer(), .course_no = req.course_no(), .activity = req.activity()};
  ASSIGN_OR_RETURN(head.occurred_at, ParseTime(req.occurred_at()));
  if (!req.settled_at().empty()) {
    ASSIGN_OR_RETURN(head.settled_at, ParseTime(req.settled_at()));
  }
  return CheckHead(std::move(head), ToList(policy.payers()), now, EntryPath::kRoute);
}

Status CheckReferences(Tx& tx, const CallContext& ctx, const v1::RecordSettlementRequest& req, std::string* refund_of) {
  if (!customers::Get(tx, ctx.env, req.customer_id())) return InvalidField("customer_id", "L7", "no such customer");
  if (!req.visit_id().empty()) {
    const auto visit = visits::Get(tx, ctx.scope, req.visit_id());
    if (!visit) return InvalidField("visit_id", "L7", "no such visit");
    if (visit->customer_id != req.customer_id()) return RuleBroken("visit_id", "L7", "this visit is another customer's");
  }
  if (req.refund_of().empty()) return Ok{};
  const auto refunded = FindByNumber(tx, kOwnSource, NormalCode(req.refund_of()));
  if (!refunded) return InvalidField("refund_of", "L7", "no such settlement");
  *refund_of = *refunded;
  return Ok{};
}

// Recorded again: the version that the caller has seen, where they name one. To become another customer's they must name it.
Status CheckUpdate(Tx& tx, const CallContext& ctx, const Settlement& s, const Related& before) {
  RETURN_IF_ERROR(runtime::CheckVersion(ctx, Get(tx, s.id)->version));
  if (before.customer_id == s.customer_id || ctx.expected_version) return Ok{};
  Error error{Code::kConflict, Reason::kAlreadyExists, "L7: this number is another customer's settlement; to move it, send If-Match"};
  error.fields.push_back({"settlement_no", "L7", error.message});
  return error;
}

// L2: won = the first settled purchase after the consultation.
void Win(Tx& tx, const CallContext& ctx, const Settlement& s) {
  if (s.kind != Kind::kSale || !s.settled_at) return;
  std::vector<consultations::Fact> facts;
  for (const consultations::CustomerLead& lead : consultations::OfCustomers(tx, {s.customer_id})) {
    if (lead.consulted_at <= *s.settled_at) facts.push_back({lead.lead_id, consultations::State::kWon, *s.settled_at});
  }
  consultations::AdvanceAll(tx, facts, ctx.caller.username, ctx.now);
}

}  // namespace

Result<v1::Settlement> RecordSettlement(Tx& tx, const CallContext& ctx, const v1::RecordSettlementRequest& req) {
  const v1::LeadsPolicy policy = PolicyAt(tx, ctx.now, ctx.env);
  Settlement s{.source = kOwnSource, .settlement_no = NormalCode(req.settlement_no()), .kind = static_cast<Kind>(req.kind())};
  s.lines = ReadLines(req);
  RETURN_IF_ERROR(Check(s.kind, s.lines, ToList(policy.categories())));
  ASSIGN_OR_RETURN(const Head head, ReadHead(req, policy, ctx.now));
  RETURN_IF_ERROR(CheckReferences(tx, ctx, req, &s.refund_of));
  s.occurred_at = head.occurred_at;
  s.settled_at = head.settled_at;
  s.customer_id = req.customer_id();
  s.visit_id = req.visit_id();
  s.department = head.department;
  s.payer = head.payer;
  s.course_no = head.course_no;
  s.activity = head.activity;
  const auto known = FindByNumber(tx, s.source, s.settlement_no);
  s.id = known.value_or(NewId());
  Relations relations(tx, {s.id, s.refund_of});
  if (known) {
    RETURN_IF_ERROR(CheckUpdate(tx, ctx, s, *relations.Find(s.id)));
  } else {
    RETURN_IF_ERROR(runtime::CheckVersion(ctx, 0));
  }
  RETURN_IF_ERROR(relations.Check(s));
  if (known) {
    Replace(tx, ctx.env, s, ctx.caller.username, ctx.now);
  } else {
    Insert(tx, ctx.env, s, ctx.caller.username, ctx.now);
  }
  Win(tx, ctx, s);
  return ToProto(*Get(tx, s.id));
}

Result<v1::Settlement> GetSettlement(Tx& tx, const CallContext& /*ctx*/, const v1::GetSettlementRequest& req) {
  const auto settlement = Get(tx, req.id());
  if (!settlement) return NotFound("settlement");
  return ToProto(*settlement);
}

Result<v1::ListSettlementsResponse> ListSettlements(Tx& tx, const CallContext& ctx, const v1::ListSettlementsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kSettlementList, req));
  ASSIGN_OR_RETURN(const runtime::DayRange days, runtime::ReadDayRange(ctx.env.zone, req));
  std::optional<Kind> kind;
  if (req.kind() != v1::SETTLEMENT_KIND_UNSPECIFIED) kind = static_cast<Kind>(req.kind());
  const contract::Paged<Settlement> page = List(tx, {.customer_id = req.customer_id(), .days = days, .kind = kind}, asked);
  v1::ListSettlementsResponse out;
  for (const Settlement& settlement : page.rows) *out.add_settlements() = ToProto(settlement);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::SettlementSummary> SummariseSettlements(Tx& tx, const CallContext& /*ctx*/, const v1::SummariseSettlementsRequest& req) {
  v1::SettlementSummary out;
  for (const MonthSum& month : ByMonth(tx, req.imported_from())) {
    auto* row = out.add_months();
    row->set_month(month.month);
    row->set_sales_fen(month.sales);
    row->set_refunds_fen(month.refunds);
    out.set_settlements(out.settlements() + month.settlements);
    out.set_refunds(out.refunds() + month.refund_count);
    out.set_net_total_fen(out.net_total_fen() + month.sales + month.refunds);
  }
  out.set_customers_with_net_below_zero(CustomersBelowZero(tx, req.imported_from()));
  return out;
}

Result<v1::RankCustomersResponse> RankCustomers(Tx& tx, const CallContext& /*ctx*/, const v1::RankCustomersRequest& req) {
  v1::RankCustomersResponse out;
  for (const Ranked& ranked : Rank(tx, req.imported_from(), req.count())) {
    auto* row = out.add_customers();
    row->set_customer_id(ranked.customer_id);
    for (const auto& [source, no] : customers::OutsideNumbers(tx, ranked.customer_id)) {
      if (req.imported_from().empty() || source == req.imported_from()) row->set_customer_no(no);
    }
    row->set_net_fen(ranked.net);
  }
  return out;
}

Result<v1::ControlTotal> GetControlTotal(Tx& tx, const CallContext& /*ctx*/, const v1::GetControlTotalRequest& req) {
  v1::ControlTotal out;
  for (const DayTotal& day : ControlTotals(tx, req.period())) {
    auto* row = out.add_days();
    row->set_day(day.day);
    row->set_count(day.count);
    row->set_net_fen(day.net);
    row->set_versions(day.versions);
    out.set_count(out.count() + day.count);
    out.set_net_fen(out.net_fen() + day.net);
    out.set_versions(out.versions() + day.versions);
  }
  for (const courses::DayClosed& day : courses::ControlTotals(tx, req.period())) {
    auto* row = out.add_closings();
    row->set_day(day.day);
    row->set_count(day.count);
    row->set_versions(day.versions);
  }
  out.set_under_way(intake::CountUnderWay(tx));
  out.set_dead_letters(db::OpenDeadLetters(tx));
  const visits::Totals visits = visits::TotalsOf(tx);
  out.set_visits(visits.count);
  out.set_visit_versions(visits.versions);
  return out;
}

}  // namespace renxin::leads::settlements
