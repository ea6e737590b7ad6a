#include "services/leads/consultations/handlers.h"

#include "renxin/leads/v1/leads_policy.pb.h"
#include "services/leads/consultations/store.h"
#include "services/leads/directory/directory.h"
#include "services/leads/policy/policy.h"
#include "shared/contract/page.h"
#include "shared/core/text.h"
#include "shared/runtime/history.h"
#include "shared/runtime/version.h"

namespace renxin::leads::consultations {
namespace {

v1::Lead ToProto(const Environment& env, const Lead& lead) {
  v1::Lead out;
  out.set_id(lead.id);
  out.set_state(static_cast<v1::LeadState>(lead.funnel.state));
  out.set_channel(lead.channel);
  out.set_source(lead.source);
  out.set_campaign(lead.campaign);
  out.set_project(lead.project);
  out.set_city(lead.city);
  out.set_customer_id(lead.customer_id);
  out.set_consultant_id(lead.consultant_id);
  out.set_consulted_at(FormatTime(lead.consulted_at));
  out.set_touches(lead.touches);
  out.set_reason(ReasonOf(env, lead));
  out.set_version(lead.version);
  return out;
}

// L3: phone, name and a known birthday; somebody else on the same phone is another customer and a household.
struct MatchedCustomer {
  std::string id;
  bool in_household = false;
  bool is_new = false;
};

Result<persons::Person> PersonOf(const CallContext& ctx, const v1::LeadsPolicy& policy, const v1::CreateLeadRequest& req) {
  return persons::CheckPerson({req.name(), req.phone(), req.birthday(), ""}, "name", true, PhoneRulesOf(policy),
                              ctx.env.zone.DayOf(ctx.now));
}

MatchedCustomer FindOrAddCustomer(Tx& tx, const CallContext& ctx, const persons::Person& person) {
  directory::CustomerDirectory directory(tx, ctx.env, ctx.caller.username, ctx.now);
  directory.LoadPhones({person.phone});
  if (const auto known = directory.FindPerson(person)) return {.id = *known};
  const directory::Added added = directory.Add(person, {}, {0, ""}, "");
  db::AppendHistory(tx, {"customer", added.id, ctx.now, ctx.caller.username, "", "registered", ""});
  return {.id = added.id, .in_household = added.in_household, .is_new = true};
}

// L3: a lead is not reopened beside another open one of the same customer.
Status CheckAlone(Tx& tx, const Lead& lead) {
  const std::vector<Lead> open = OpenOf(tx, lead.customer_id);
  if (std::all_of(open.begin(), open.end(), [&](const Lead& one) { return one.id == lead.id; })) return Ok{};
  Error error = WrongState("L3: another lead of this customer is open");
  error.fields.push_back({"to", "L3", error.message});
  return error;
}

// L3: the open lead that a further consultation is a touch on; those that nobody touched for too long are lost.
std::optional<Lead> ApplyTouch(Tx& tx, const CallContext& ctx, const v1::LeadsPolicy& policy, const std::string& customer_id) {
  const std::vector<Lead> open = OpenOf(tx, customer_id);
  std::vector<OpenLead> candidates;
  candidates.reserve(open.size());
  for (const Lead& lead : open) candidates.push_back({lead.consulted_at, lead.touched_at});
  if (const auto takes = LeadForTouch(candidates, ctx.now, StaleLeadDays(policy))) {
    AddTouch(tx, open[*takes], ctx.caller.username, ctx.now);
    return Get(tx, Scope{.all = true, .staff_ids = {}}, open[*takes].id, false);
  }
  for (const Lead& lead : open) {
    Lead lost = lead;
    lost.funnel = *Move(lead.funnel, State::kLost, "no_answer");
    ++lost.version;
    SaveFunnel(tx, ctx.env, lead, lost, ctx.caller.username, ctx.now);
  }
  return std::nullopt;
}

}  // namespace

void DeclareCreateLead(Tx& tx, const CallContext& ctx, const v1::CreateLeadRequest& req) {
  const v1::LeadsPolicy policy = PolicyAt(tx, ctx.now, ctx.env);
  const auto person = PersonOf(ctx, policy, req);
  if (person) directory::CustomerDirectory::WantPhones(tx, ctx.env, {person->phone});
}

Result<v1::CreateLeadResponse> CreateLead(Tx& tx, const CallContext& ctx, const v1::CreateLeadRequest& req) {
  const v1::LeadsPolicy policy = PolicyAt(tx, ctx.now, ctx.env);
  ASSIGN_OR_RETURN(const Consultation said,
                   CheckConsultation({req.channel(), req.source(), req.campaign(), req.project(), req.city(), ctx.now},
                                     ToList(policy.channels()), ctx.now, EntryPath::kRoute));
  ASSIGN_OR_RETURN(const persons::Person person, PersonOf(ctx, policy, req));
  const MatchedCustomer customer = FindOrAddCustomer(tx, ctx, person);
  v1::CreateLeadResponse out;
  out.set_household_proposed(customer.in_household);
  Lead lead{
      .id = NewId(), .channel = said.channel, .source = said.source, .campaign = said.campaign, .project = said.project, .city = said.city};
  lead.customer_id = customer.id;
  lead.consultant_id = req.consultant_id().empty() ? ctx.caller.staff_id : req.consultant_id();
  lead.consulted_at = ctx.now;
  // A walk-in is born arrived (L2).
  if (req.channel() == "walk_in") lead.funnel = {State::kArrived, State::kArrived, ""};
  if (!customer.is_new) {
    if (const auto touched = ApplyTouch(tx, ctx, policy, customer.id)) {
      *out.mutable_lead() = ToProto(ctx.env, *touched);
      out.set_touch(true);
      return out;
    }
  }
  Insert(tx, ctx.env, lead, ctx.caller.username, ctx.now);
  *out.mutable_lead() = ToProto(ctx.env, lead);
  return out;
}

Result<v1::Lead> GetLead(Tx& tx, const CallContext& ctx, const v1::GetLeadRequest& req) {
  const auto lead = Get(tx, ctx.scope, req.id(), false);
  if (!lead) return NotFound("lead");
  return ToProto(ctx.env, *lead);
}

Result<v1::ListLeadsResponse> ListLeads(Tx& tx, const CallContext& ctx, const v1::ListLeadsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kLeadList, req));
  ASSIGN_OR_RETURN(const runtime::DayRange days, runtime::ReadDayRange(ctx.env.zone, req));
  const ListFilter filter{.state = req.state(), .channel = req.channel(), .customer_id = req.customer_id(), .days = days};
  const contract::Paged<Lead> page = List(tx, ctx.scope, filter, asked);
  v1::ListLeadsResponse out;
  for (const Lead& lead : page.rows) *out.add_leads() = ToProto(ctx.env, lead);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::Lead> MoveLead(Tx& tx, const CallContext& ctx, const v1::MoveLeadRequest& req) {
  const auto lead = Get(tx, ctx.scope, req.id(), true);
  if (!lead) return NotFound("lead");
  RETURN_IF_ERROR(runtime::CheckVersion(ctx, lead->version));
  Lead after = *lead;
  ASSIGN_OR_RETURN(after.funnel, Move(lead->funnel, static_cast<State>(req.to()), req.reason()));
  ++after.version;
  if (!IsOpen(lead->funnel.state) && IsOpen(after.funnel.state)) RETURN_IF_ERROR(CheckAlone(tx, after));
  SaveFunnel(tx, ctx.env, *lead, after, ctx.caller.username, ctx.now);
  return ToProto(ctx.env, after);
}

Result<v1::LeadHistory> GetLeadHistory(Tx& tx, const CallContext& ctx, const v1::GetLeadHistoryRequest& req) {
  if (!Get(tx, ctx.scope, req.id(), false)) return NotFound("lead");
  v1::LeadHistory out;
  RETURN_IF_ERROR(runtime::ReadHistory(tx, ctx.env, "lead", req.id(), req, &out));
  return out;
}

Result<common::v1::CountResponse> CountLeads(Tx& tx, const CallContext& /*ctx*/, const v1::CountLeadsRequest& req) {
  common::v1::CountResponse out;
  std::int64_t total = 0;
  for (const Counted& one : CountBy(tx, req.group_by(), req.imported_from(), req.arrived())) {
    auto* count = out.add_counts();
    count->set_key(one.key);
    count->set_count(one.count);
    total += one.count;
  }
  out.set_total(total);
  return out;
}

}  // namespace renxin::leads::consultations
