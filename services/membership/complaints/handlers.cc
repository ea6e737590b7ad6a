#include "services/membership/complaints/handlers.h"

#include "services/membership/complaints/store.h"
#include "services/membership/members/refresh.h"
#include "shared/core/text.h"
#include "shared/runtime/history.h"

namespace renxin::membership::complaints {
namespace {

v1::Complaint ToProto(const Complaint& complaint) {
  v1::Complaint out;
  out.set_id(complaint.id);
  out.set_customer_id(complaint.customer_id);
  out.set_state(static_cast<v1::ComplaintState>(complaint.state));
  out.set_opened_at(FormatTime(complaint.opened_at));
  if (complaint.resolved_at) out.set_resolved_at(FormatTime(*complaint.resolved_at));
  out.set_outcome(static_cast<v1::ComplaintOutcome>(complaint.resolution.outcome));
  out.set_satisfaction(static_cast<v1::Satisfaction>(complaint.resolution.satisfaction));
  out.set_version(complaint.version);
  return out;
}

void AddNoteOf(Tx& tx, const CallContext& ctx, const Complaint& complaint, const std::string& text) {
  if (!text.empty()) AddNote(tx, ctx.env, complaint, {ctx.now, ctx.caller.username, text});
}

members::Cause CauseOf(const CallContext& ctx, const Complaint& complaint) {
  return {members::FactKind::kComplaint, complaint.id, ctx.caller.username};
}

}  // namespace

Result<v1::Complaint> OpenComplaint(Tx& tx, const CallContext& ctx, const v1::OpenComplaintRequest& req) {
  const Complaint complaint{.id = NewId(), .customer_id = req.customer_id(), .state = State::kOpen, .opened_at = ctx.now};
  members::Row row = members::Lock(tx, complaint.customer_id, ctx.now);
  Insert(tx, complaint, ctx.caller.username);
  AddNoteOf(tx, ctx, complaint, req.text());
  members::Refresh(tx, ctx.env, std::move(row), CauseOf(ctx, complaint), ctx.now);
  return ToProto(complaint);
}

Result<v1::Complaint> InvestigateComplaint(Tx& tx, const CallContext& ctx, const v1::InvestigateComplaintRequest& req) {
  auto complaint = Get(tx, req.id(), true);
  if (!complaint) return NotFound("complaint");
  const State from = complaint->state;
  ASSIGN_OR_RETURN(complaint->state, Investigate(from));
  ++complaint->version;
  Save(tx, *complaint, from, ctx.caller.username, ctx.now);
  AddNoteOf(tx, ctx, *complaint, req.note());
  return ToProto(*complaint);
}

Result<v1::Complaint> ResolveComplaint(Tx& tx, const CallContext& ctx, const v1::ResolveComplaintRequest& req) {
  const auto known = Get(tx, req.id(), false);
  if (!known) return NotFound("complaint");
  // The customer's row first: whoever computes a customer holds it before anything else of theirs.
  members::Row row = members::Lock(tx, known->customer_id, ctx.now);
  Complaint complaint = *Get(tx, req.id(), true);
  const State from = complaint.state;
  complaint.resolution = {static_cast<Outcome>(req.outcome()), static_cast<surveys::Satisfaction>(req.satisfaction())};
  ASSIGN_OR_RETURN(complaint.state, Resolve(from, complaint.resolution));
  complaint.resolved_at = ctx.now;
  ++complaint.version;
  Save(tx, complaint, from, ctx.caller.username, ctx.now);
  AddNoteOf(tx, ctx, complaint, req.note());
  members::Refresh(tx, ctx.env, std::move(row), CauseOf(ctx, complaint), ctx.now);
  return ToProto(complaint);
}

Result<v1::Complaint> GetComplaint(Tx& tx, const CallContext& /*ctx*/, const v1::GetComplaintRequest& req) {
  const auto complaint = Get(tx, req.id(), false);
  if (!complaint) return NotFound("complaint");
  return ToProto(*complaint);
}

Result<v1::ListComplaintsResponse> ListComplaints(Tx& tx, const CallContext& /*ctx*/, const v1::ListComplaintsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kComplaintList, req));
  const contract::Paged<Complaint> page = List(tx, {.customer_id = req.customer_id(), .state = req.state()}, asked);
  v1::ListComplaintsResponse out;
  for (const Complaint& complaint : page.rows) *out.add_complaints() = ToProto(complaint);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::ComplaintHistory> GetComplaintHistory(Tx& tx, const CallContext& ctx, const v1::GetComplaintHistoryRequest& req) {
  if (!Get(tx, req.id(), false)) return NotFound("complaint");
  v1::ComplaintHistory out;
  RETURN_IF_ERROR(runtime::ReadHistory(tx, ctx.env, "complaint", req.id(), req, &out));
  return out;
}

Result<v1::RevealedComplaint> RevealComplaint(Tx& tx, const CallContext& ctx, const v1::RevealComplaintRequest& req) {
  const auto complaint = Get(tx, req.id(), false);
  if (!complaint) return NotFound("complaint");
  // G6: every unmasked read is audited, in one transaction with the answer.
  db::AppendSealedHistory(tx, ctx.env.sealer, {"complaint", req.id(), ctx.now, ctx.caller.username, "", "revealed", req.reason()});
  v1::RevealedComplaint out;
  out.set_id(complaint->id);
  for (const Note& note : Notes(tx, ctx.env, *complaint)) {
    auto* to = out.add_notes();
    to->set_at(FormatTime(note.at));
    to->set_by(note.by);
    to->set_text(note.text);
  }
  return out;
}

}  // namespace renxin::membership::complaints
