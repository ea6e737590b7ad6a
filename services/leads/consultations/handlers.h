#pragma once
#include "renxin/leads/v1/leads.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::consultations {

Result<v1::CreateLeadResponse> CreateLead(Tx& tx, const CallContext& ctx, const v1::CreateLeadRequest& req);
void DeclareCreateLead(Tx& tx, const CallContext& ctx, const v1::CreateLeadRequest& req);
Result<v1::Lead> GetLead(Tx& tx, const CallContext& ctx, const v1::GetLeadRequest& req);
Result<v1::ListLeadsResponse> ListLeads(Tx& tx, const CallContext& ctx, const v1::ListLeadsRequest& req);
Result<v1::Lead> MoveLead(Tx& tx, const CallContext& ctx, const v1::MoveLeadRequest& req);
Result<v1::LeadHistory> GetLeadHistory(Tx& tx, const CallContext& ctx, const v1::GetLeadHistoryRequest& req);
Result<common::v1::CountResponse> CountLeads(Tx& tx, const CallContext& ctx, const v1::CountLeadsRequest& req);

}  // namespace renxin::leads::consultations
