#include "services/commissions/plans/handlers.h"

#include <algorithm>

#include "services/commissions/plans/store.h"

namespace renxin::commissions::plans {
namespace {

v1::PlanVersion ToProto(const Version& v) {
  v1::PlanVersion out;
  out.set_id(v.id);
  *out.mutable_document() = v.document;
  out.set_version(v.plan.version);
  out.set_effective_from(v.effective_from);
  out.set_author(v.author);
  for (const std::string& approver : v.approvers) out.add_approvers(approver);
  out.set_approved(v.author == "shipped" || v.approvers.size() >= kApprovalsNeeded);
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

}  // namespace

Result<v1::ListPlansResponse> ListPlans(Tx& tx, const CallContext& /*ctx*/, const v1::ListPlansRequest& req) {
  v1::ListPlansResponse out;
  for (const Version& v : List(tx, req.code())) *out.add_plans() = ToProto(v);
  return out;
}

Result<v1::PlanVersion> ProposePlan(Tx& tx, const CallContext& ctx, const v1::ProposePlanRequest& req) {
  RETURN_IF_ERROR(Check(FromDocument(req.document(), 0)));
  return ToProto(Insert(tx, req.document(), req.effective_from(), ctx.caller.username, ctx.now));
}

Result<v1::PlanVersion> ApprovePlan(Tx& tx, const CallContext& ctx, const v1::ApprovePlanRequest& req) {
  const auto v = Get(tx, req.id());
  if (!v) return NotFound("plan");
  if (v->author == "shipped" || v->approvers.size() >= kApprovalsNeeded) return WrongState("C2: the plan is approved already");
  if (v->author == ctx.caller.username) return Error{Code::kConflict, Reason::kSamePerson, "C2: its author does not approve a plan"};
  if (std::find(v->approvers.begin(), v->approvers.end(), ctx.caller.username) != v->approvers.end()) {
    return Error{Code::kConflict, Reason::kSamePerson, "C2: two different people approve"};
  }
  Approve(tx, req.id(), ctx.caller.username, ctx.now);
  return ToProto(*Get(tx, req.id()));
}

}  // namespace renxin::commissions::plans
