#include "services/leads/policy/rules.h"

#include <algorithm>
#include <set>

namespace renxin::leads::policy {
namespace {

Status CheckCodes(std::string_view field, std::string_view rule, const std::vector<std::string>& codes,
                  const std::vector<std::string>& needed) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::string at = std::string(field) + "[" + std::to_string(i) + "]";
    const bool sound = !codes[i].empty() && codes[i].size() <= 60 &&
                       codes[i].find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") == std::string::npos;
    if (!sound) return InvalidField(at, "code", "lower-case letters, digits, '_', '-', '.', at most 60");
    if (!seen.insert(codes[i]).second) return RuleBroken(at, rule, "stands twice: " + codes[i]);
  }
  for (const std::string& code : needed) {
    if (!seen.contains(code)) return RuleBroken(field, rule, "must hold " + code);
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

Status Check(const Lists& lists, Day effective_from, Day today) {
  RETURN_IF_ERROR(CheckCodes("policy.channels", "L1", lists.channels, {"walk_in"}));
  RETURN_IF_ERROR(CheckCodes("policy.categories", "L8", lists.categories, Categories()));
  RETURN_IF_ERROR(CheckCodes("policy.payers", "L7", lists.payers, {"self"}));
  if (effective_from < today) return InvalidField("effective_from", "policy", "lies in the past; a policy is followed, not rewritten");
  return Ok{};
}

}  // namespace renxin::leads::policy
