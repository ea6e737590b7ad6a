#pragma once
#include "renxin/membership/v1/membership.pb.h"
#include "shared/runtime/context.h"

namespace renxin::membership::members {

Result<v1::Member> GetMember(Tx& tx, const CallContext& ctx, const v1::GetMemberRequest& req);
Result<v1::ListMembersResponse> ListMembers(Tx& tx, const CallContext& ctx, const v1::ListMembersRequest& req);
Result<v1::CountMembersResponse> CountMembers(Tx& tx, const CallContext& ctx, const v1::CountMembersRequest& req);
Result<v1::MemberHistory> GetMemberHistory(Tx& tx, const CallContext& ctx, const v1::GetMemberHistoryRequest& req);

}  // namespace renxin::membership::members
