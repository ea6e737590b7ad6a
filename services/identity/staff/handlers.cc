#include "services/identity/staff/handlers.h"

#include "services/identity/staff/store.h"
#include "shared/core/text.h"
#include "shared/intake/engine.h"
#include "shared/runtime/version.h"

namespace renxin::identity::staff {
namespace {

v1::Staff ToProto(const Staff& s) {
  v1::Staff out;
  out.set_id(s.id);
  out.set_source(s.source);
  out.set_staff_no(s.staff_no);
  out.set_name(s.name);
  out.set_job(s.job);
  out.set_joined_on(s.joined_on);
  out.set_left_on(s.left_on);
  for (const Period& period : s.periods) {
    auto* to = out.add_periods();
    to->set_from(period.from);
    to->set_department(period.department);
    to->set_group_no(period.group_no);
    to->set_supervisor_no(period.supervisor_no);
    to->set_plan(period.plan);
  }
  out.set_version(s.version);
  return out;
}

}  // namespace

Result<v1::Staff> CreateStaff(Tx& tx, const CallContext& ctx, const v1::CreateStaffRequest& req) {
  const Period first{req.joined_on(), req.department(), req.group_no(), req.supervisor_no(), req.plan()};
  ASSIGN_OR_RETURN(const StaffEntry said, CheckStaff({req.staff_no(), req.name(), req.job(), req.joined_on(), req.left_on(), first},
                                                     Roles(), ctx.env.zone.DayOf(ctx.now)));
  if (FindByNumber(tx, kOwnSource, said.staff_no)) {
    Error error{Code::kConflict, Reason::kAlreadyExists, "this staff number is taken"};
    error.fields.push_back({"staff_no", "unique", error.message});
    return error;
  }
  const Staff s{.id = NewId(),
                .source = kOwnSource,
                .staff_no = said.staff_no,
                .name = said.name,
                .job = said.job,
                .joined_on = said.joined_on,
                .left_on = said.left_on,
                .first = said.first,
                .periods = {}};
  Insert(tx, ctx.env, s, ctx.caller.username, ctx.now);
  return ToProto(*Get(tx, ctx.env, s.id));
}

Result<v1::Staff> GetStaff(Tx& tx, const CallContext& ctx, const v1::GetStaffRequest& req) {
  const auto s = Get(tx, ctx.env, req.id());
  if (!s) return NotFound("member of staff");
  if (ctx.scope.Sees(s->id)) return ToProto(*s);
  // A supervisor sees those who name them (identity keeps the truth itself, not a projection).
  const auto self = ctx.caller.Has("supervisor") ? Get(tx, ctx.env, ctx.caller.staff_id) : std::nullopt;
  const bool own_group = self && !s->periods.empty() && s->source == self->source && s->periods.back().supervisor_no == self->staff_no;
  if (!own_group) return NotFound("member of staff");
  return ToProto(*s);
}

Result<v1::ListStaffResponse> ListStaff(Tx& tx, const CallContext& ctx, const v1::ListStaffRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kStaffList, req));
  const contract::Paged<Staff> page = List(tx, ctx.env, {.source = req.source(), .staff_no = req.staff_no(), .job = req.job()}, asked);
  v1::ListStaffResponse out;
  for (const Staff& s : page.rows) *out.add_staff() = ToProto(s);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::Staff> MoveStaff(Tx& tx, const CallContext& ctx, const v1::MoveStaffRequest& req) {
  Lock(tx, req.id());
  const auto s = Get(tx, ctx.env, req.id());
  if (!s) return NotFound("member of staff");
  RETURN_IF_ERROR(runtime::CheckVersion(ctx, s->version));
  ASSIGN_OR_RETURN(const Period move, CheckMove({req.from(), req.department(), req.group_no(), req.supervisor_no(), req.plan()},
                                                s->joined_on, ctx.env.zone.DayOf(ctx.now)));
  StoreMove(tx, ctx.env, NewId(), req.id(), move, ctx.caller.username, ctx.now);
  return ToProto(*Get(tx, ctx.env, req.id()));
}

Result<v1::ResolveStaffResponse> ResolveStaff(Tx& tx, const CallContext& /*ctx*/, const v1::ResolveStaffRequest& req) {
  v1::ResolveStaffResponse out;
  for (const std::string& no : KnownNumbers(tx, req.source(), {req.staff_nos().begin(), req.staff_nos().end()})) out.add_staff_nos(no);
  return out;
}

Result<v1::ControlTotal> GetControlTotal(Tx& tx, const CallContext& /*ctx*/, const v1::GetControlTotalRequest& /*req*/) {
  const Totals totals = TotalsOf(tx);
  v1::ControlTotal out;
  out.set_count(totals.count);
  out.set_versions(totals.versions);
  out.set_under_way(intake::CountUnderWay(tx));
  out.set_dead_letters(db::OpenDeadLetters(tx));
  return out;
}

}  // namespace renxin::identity::staff
