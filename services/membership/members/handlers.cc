#include "services/membership/members/handlers.h"

#include "renxin/membership/v1/membership_policy.pb.h"
#include "services/membership/members/refresh.h"
#include "services/membership/members/store.h"
#include "services/membership/policy/policy.h"
#include "shared/contract/page.h"

namespace renxin::membership::members {
namespace {

void AddFactor(v1::Member* member, const char* name, const Factor& factor) {
  auto* to = member->add_factors();
  to->set_factor(name);
  to->set_met(factor.met);
  to->set_reason(factor.reason);
}

v1::MemberRow ToProto(const Row& row) {
  v1::MemberRow out;
  out.set_customer_id(row.customer_id);
  if (row.since) out.set_member_since(FormatTime(*row.since));
  out.set_member_class(static_cast<v1::MemberClass>(row.member_class));
  out.set_factor_a(row.factor_a);
  out.set_factor_b(row.factor_b);
  out.set_factor_c(row.factor_c);
  out.set_net_spend_fen(row.net_spend);
  out.set_dispute_open(row.dispute_open);
  return out;
}

v1::ClassChange ToProto(const ClassChange& change) {
  v1::ClassChange out;
  out.set_at(FormatTime(change.at));
  out.set_from(static_cast<v1::MemberClass>(change.from));
  out.set_to(static_cast<v1::MemberClass>(change.to));
  out.set_fact(static_cast<v1::FactKind>(change.kind));
  out.set_fact_id(change.fact_id);
  out.set_factor_a(change.factor_a);
  out.set_factor_b(change.factor_b);
  out.set_factor_c(change.factor_c);
  out.set_net_spend_fen(change.net_spend);
  out.set_class_reason(change.reason);
  return out;
}

}  // namespace

Result<v1::Member> GetMember(Tx& tx, const CallContext& ctx, const v1::GetMemberRequest& req) {
  const auto row = Get(tx, req.customer_id());
  if (!row) return NotFound("member");
  const policy::History policies(tx);
  const Known known = Load(tx, ctx.env, policies, req.customer_id(), ctx.now);
  const points::Account account = points::Load(tx, ctx.env, policies, known.facts, req.customer_id(), ctx.now);
  const Standing& standing = known.standing;
  v1::Member out;
  out.set_customer_id(row->customer_id);
  if (standing.since) out.set_member_since(FormatTime(*standing.since));
  out.set_member_class(static_cast<v1::MemberClass>(standing.member_class));
  out.set_class_reason(standing.class_reason);
  AddFactor(&out, "A", standing.a);
  AddFactor(&out, "B", standing.b);
  AddFactor(&out, "C", standing.c);
  out.set_net_spend_fen(standing.net_spend);
  out.set_dispute_open(standing.dispute_open);
  out.set_points_balance(account.balance);
  out.set_points_debt(account.debt);
  out.set_source(standing.source);
  out.set_version(row->version);
  return out;
}

Result<v1::ListMembersResponse> ListMembers(Tx& tx, const CallContext& /*ctx*/, const v1::ListMembersRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kMemberList, req));
  const contract::Paged<Row> page = List(tx, {.member_class = req.member_class(), .source = req.imported_from()}, asked);
  v1::ListMembersResponse out;
  for (const Row& row : page.rows) *out.add_members() = ToProto(row);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::CountMembersResponse> CountMembers(Tx& tx, const CallContext& /*ctx*/, const v1::CountMembersRequest& req) {
  v1::CountMembersResponse out;
  for (const ClassCount& one : CountByClass(tx, req.imported_from())) {
    out.set_members(out.members() + one.members);
    out.set_factor_a(out.factor_a() + one.factor_a);
    out.set_factor_b(out.factor_b() + one.factor_b);
    out.set_factor_c(out.factor_c() + one.factor_c);
    if (req.group_by().empty()) continue;
    auto* count = out.add_counts();
    count->set_key(std::string(Name(one.member_class)));
    count->set_count(one.members);
  }
  return out;
}

Result<v1::MemberHistory> GetMemberHistory(Tx& tx, const CallContext& /*ctx*/, const v1::GetMemberHistoryRequest& req) {
  if (!Get(tx, req.customer_id())) return NotFound("member");
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kClassChangeList, req));
  const contract::Paged<ClassChange> page = History(tx, req.customer_id(), asked);
  v1::MemberHistory out;
  for (const ClassChange& change : page.rows) *out.add_changes() = ToProto(change);
  out.set_next_page_token(page.next_page_token);
  return out;
}

}  // namespace renxin::membership::members
