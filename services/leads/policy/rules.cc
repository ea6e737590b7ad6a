#include "services/leads/policy/rules.h"

#include <algorithm>

#include "shared/core/entry.h"

namespace renxin::leads::policy {
namespace {

Status CheckList(std::string_view field, std::string_view rule, const std::vector<std::string>& codes,
                 const std::vector<std::string>& needed) {
  RETURN_IF_ERROR(CheckCodes(field, rule, codes));
  for (const std::string& code : needed) {
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) return RuleBroken(field, rule, "must hold " + code);
  }
  return Ok{};
}

}  // namespace

const std::vector<std::string>& Channels() {
  static const std::vector<std::string> kList{"phone", "online", "walk_in", "referral", "member_get_member", "campaign", "enterprise"};
  return kList;
}

const std::vector<std::string>& Categories() {
  static const std::vector<std::string> kList{"aesthetic_noninvasive",
                                              "aesthetic_surgery",
                                              "skin_package",
                                              "skin_course",
                                              "dental",
                                              "gynaecology",
                                              "obstetrics_natural",
                                              "obstetrics_caesarean",
                                              "confinement_package",
                                              "postpartum_recovery",
                                              "lithotripsy",
                                              "stone_surgery",
                                              "work_injury",
                                              "checkup",
                                              "health_certificate",
                                              "internal_medicine",
                                              "other"};
  return kList;
}

const std::vector<std::string>& Payers() {
  static const std::vector<std::string> kList{"self", "social_insurance", "work_injury_fund", "commercial_insurance", "employer"};
  return kList;
}

Status Check(const Lists& lists) {
  RETURN_IF_ERROR(CheckList("policy.channels", "L1", lists.channels, {"walk_in"}));
  RETURN_IF_ERROR(CheckList("policy.categories", "L8", lists.categories, Categories()));
  return CheckList("policy.payers", "L7", lists.payers, {"self"});
}

}  // namespace renxin::leads::policy
