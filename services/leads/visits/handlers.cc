#include "services/leads/visits/handlers.h"

#include "services/leads/consultations/store.h"
#include "services/leads/customers/store.h"
#include "services/leads/visits/rules.h"
#include "services/leads/visits/store.h"
#include "shared/core/text.h"
#include "shared/runtime/roster.h"

namespace renxin::leads::visits {
namespace {

v1::Visit ToProto(Tx& tx, const Visit& v) {
  v1::Visit out;
  out.set_id(v.id);
  out.set_customer_id(v.customer_id);
  out.set_lead_id(v.lead_id);
  out.set_department(v.department);
  out.set_outpatient(v.outpatient);
  out.set_arrived_at(FormatTime(v.arrived_at));
  out.set_first_arrival(IsFirstArrival(tx, v));
  out.set_rep_id(v.rep_id);
  out.set_slip_no(v.slip_no);
  out.set_card_no(v.card_no);
  out.set_version(v.version);
  return out;
}

}  // namespace

Result<v1::Visit> RegisterVisit(Tx& tx, const CallContext& ctx, const v1::RegisterVisitRequest& req) {
  if (!customers::Get(tx, ctx.env, req.customer_id())) return InvalidField("customer_id", "L6", "no such customer");
  if (!req.lead_id().empty()) {
    const auto lead = consultations::Get(tx, ctx.scope, req.lead_id(), true);
    if (!lead) return InvalidField("lead_id", "L6", "no such lead");
    RETURN_IF_ERROR(CheckLeadOf("lead_id", lead->customer_id, req.customer_id()));
  }
  if (!req.rep_id().empty() && !runtime::StaffById(tx, req.rep_id())) return InvalidField("rep_id", "L6", "no such member of staff");
  ASSIGN_OR_RETURN(const Arrival said, CheckArrival({req.customer_id(), req.department(), "", req.slip_no(), req.card_no(), ctx.now},
                                                    ctx.now, EntryPath::kRoute));
  const Visit v{.id = NewId(),
                .customer_id = req.customer_id(),
                .lead_id = req.lead_id(),
                .department = said.department,
                .outpatient = req.outpatient(),
                .arrived_at = ctx.now,
                .slip_no = said.slip_no,
                .card_no = said.card_no,
                .rep_id = req.rep_id()};
  Insert(tx, ctx.env, v, ctx.caller.username, ctx.now);
  if (!v.lead_id.empty())
    consultations::AdvanceAll(tx, {{v.lead_id, consultations::State::kArrived, v.arrived_at}}, ctx.caller.username, ctx.now);
  return ToProto(tx, v);
}

Result<v1::Visit> GetVisit(Tx& tx, const CallContext& ctx, const v1::GetVisitRequest& req) {
  const auto visit = Get(tx, ctx.scope, req.id());
  if (!visit) return NotFound("visit");
  return ToProto(tx, *visit);
}

Result<v1::ListVisitsResponse> ListVisits(Tx& tx, const CallContext& ctx, const v1::ListVisitsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kVisitList, req));
  ASSIGN_OR_RETURN(const runtime::DayRange days, runtime::ReadDayRange(ctx.env.zone, req));
  const ListFilter filter{.customer_id = req.customer_id(), .days = days, .department = req.department(), .rep_id = req.rep_id()};
  const contract::Paged<Visit> page = List(tx, ctx.scope, filter, asked);
  v1::ListVisitsResponse out;
  for (const Visit& visit : page.rows) *out.add_visits() = ToProto(tx, visit);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<common::v1::CountResponse> CountVisits(Tx& tx, const CallContext& /*ctx*/, const v1::CountVisitsRequest& req) {
  common::v1::CountResponse out;
  std::int64_t total = 0;
  for (const Counted& one : CountBy(tx, req.group_by(), req.imported_from())) {
    auto* count = out.add_counts();
    count->set_key(one.key);
    if (req.group_by() == "rep" && !one.key.empty()) {
      if (const auto staff = runtime::StaffById(tx, one.key)) count->set_key(staff->staff_no);
    }
    count->set_count(one.count);
    total += one.count;
  }
  out.set_total(total);
  return out;
}

}  // namespace renxin::leads::visits
