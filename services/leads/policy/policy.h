#pragma once
// The policy of leads in force on a day; the shipped one is written at the first start.

#include "renxin/leads/v1/leads_policy.pb.h"
#include "shared/core/phone.h"
#include "shared/runtime/context.h"

namespace renxin::leads {

v1::LeadsPolicy DefaultPolicy();
void SeedPolicy(Tx& tx, const TimerContext& ctx);
v1::LeadsPolicy PolicyAt(Tx& tx, Instant now, const Environment& env);
// L3.
int StaleLeadDays(const v1::LeadsPolicy& policy);
// G4: how phones are read.
PhoneRules PhoneRulesOf(const v1::LeadsPolicy& policy);
std::vector<std::string> ToList(const google::protobuf::RepeatedPtrField<std::string>& values);

}  // namespace renxin::leads
