#include "services/commissions/plans/handlers.h"

#include <algorithm>

#include "services/commissions/periods/store.h"
#include "services/commissions/plans/store.h"

namespace renxin::commissions::plans {
namespace {

v1::PlanVersion ToProto(const Version& v) {
  v1::PlanVersion out;
  out.set_id(v.id);
  *out.mutable_document() = *v.document;
  out.set_version(v.plan.version);
  out.set_effective_from(v.effective_from);
  out.set_author(v.author);
  out.set_author_staff_id(v.author_staff_id);
  for (const Person& approver : v.approvers) {
    out.add_approvers(approver.username);
    out.add_approver_staff_ids(approver.staff_id);
  }
  out.set_approved(IsApproved(v));
  // C2: both modes side by side, so that the wrong one shows.
  Table marginal = v.plan.table;
  marginal.mode = Mode::kMarginal;
  Table slab = v.plan.table;
  slab.mode = Mode::kSlab;
  for (const Fen amount : Samples(v.plan.table)) {
    auto* sample = out.add_samples();
    sample->set_amount_fen(amount);
    sample->set_marginal_fen(Apply(marginal, amount).amount);
    sample->set_slab_fen(Apply(slab, amount).amount);
  }
  return out;
}

// C2: two persons, not two accounts; an account that is nobody's does neither.
Result<Person> MemberOfStaff(const CallContext& ctx) {
  if (!ctx.caller.staff_id.empty()) return Person{ctx.caller.staff_id, ctx.caller.username};
  return Error{Code::kPermissionDenied, Reason::kRuleBroken, "C2: an account without a staff record neither proposes nor approves a plan"};
}

// The plan waits for another person: nothing that this caller changes or repeats lets them approve it.
Error SamePerson(std::string why) { return {Code::kPermissionDenied, Reason::kSamePerson, std::move(why)}; }

// Held until the commit: a period that is being locked, or another version of the code, comes before or after, never in between.
Status MayTakeEffectNow(Tx& tx, const CallContext& ctx, const std::string& effective_from) {
  ASSIGN_OR_RETURN(const Day from, ParseDay(effective_from));
  periods::LoadSettingsForUpdate(tx);
  return MayTakeEffect(from, ctx.env.zone.DayOf(ctx.now), periods::LockedMonths(tx));
}

}  // namespace

Result<v1::PlanVersion> GetPlan(Tx& tx, const CallContext& /*ctx*/, const v1::GetPlanRequest& req) {
  const auto v = Get(tx, req.id());
  if (!v) return NotFound("plan");
  return ToProto(*v);
}

Result<v1::ListPlansResponse> ListPlans(Tx& tx, const CallContext& /*ctx*/, const v1::ListPlansRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kPlanList, req));
  const contract::Paged<Version> page = List(tx, req.code(), asked);
  v1::ListPlansResponse out;
  for (const Version& v : page.rows) *out.add_plans() = ToProto(v);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::PlanVersion> ProposePlan(Tx& tx, const CallContext& ctx, const v1::ProposePlanRequest& req) {
  RETURN_IF_ERROR(Check(FromDocument(req.document(), 0)));
  ASSIGN_OR_RETURN(const Person author, MemberOfStaff(ctx));
  RETURN_IF_ERROR(MayTakeEffectNow(tx, ctx, req.effective_from()));
  return ToProto(Insert(tx, req.document(), req.effective_from(), author, ctx.now));
}

Result<v1::PlanVersion> ApprovePlan(Tx& tx, const CallContext& ctx, const v1::ApprovePlanRequest& req) {
  ASSIGN_OR_RETURN(const Person approver, MemberOfStaff(ctx));
  const auto found = Get(tx, req.id());
  if (!found) return NotFound("plan");
  const Status in_time = MayTakeEffectNow(tx, ctx, found->effective_from);
  // Read again behind whoever approved it meanwhile.
  const auto v = Get(tx, req.id());
  if (IsApproved(*v)) return WrongState("C2: the plan is approved already");
  RETURN_IF_ERROR(in_time);
  if (v->author_staff_id == approver.staff_id) return SamePerson("C2: its author does not approve a plan");
  const auto same = [&](const Person& one) { return one.staff_id == approver.staff_id; };
  if (std::any_of(v->approvers.begin(), v->approvers.end(), same)) return SamePerson("C2: two different people approve");
  Approve(tx, req.id(), approver, ctx.now);
  return ToProto(*Get(tx, req.id()));
}

}  // namespace renxin::commissions::plans
