#pragma once
#include "renxin/membership/v1/membership.pb.h"
#include "shared/runtime/context.h"

namespace renxin::membership::complaints {

Result<v1::Complaint> OpenComplaint(Tx& tx, const CallContext& ctx, const v1::OpenComplaintRequest& req);
Result<v1::Complaint> InvestigateComplaint(Tx& tx, const CallContext& ctx, const v1::InvestigateComplaintRequest& req);
Result<v1::Complaint> ResolveComplaint(Tx& tx, const CallContext& ctx, const v1::ResolveComplaintRequest& req);
Result<v1::Complaint> GetComplaint(Tx& tx, const CallContext& ctx, const v1::GetComplaintRequest& req);
Result<v1::ListComplaintsResponse> ListComplaints(Tx& tx, const CallContext& ctx, const v1::ListComplaintsRequest& req);
Result<v1::ComplaintHistory> GetComplaintHistory(Tx& tx, const CallContext& ctx, const v1::GetComplaintHistoryRequest& req);
Result<v1::RevealedComplaint> RevealComplaint(Tx& tx, const CallContext& ctx, const v1::RevealComplaintRequest& req);

}  // namespace renxin::membership::complaints
