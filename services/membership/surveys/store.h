#pragma once
#include <map>
#include <string>
#include <vector>

#include "services/membership/members/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::membership::surveys {

struct Survey {
  std::string id;
  std::string customer_id;
  Satisfaction satisfaction = Satisfaction::kNone;
  Instant answered_at;
  std::string recorded_by;
};
void Insert(Tx& tx, const Survey& survey, Instant now);
// The latest answer first, after the survey `after`.
inline const contract::List kSurveyList{"surveys", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}};
contract::Paged<Survey> Of(Tx& tx, const std::string& customer_id, const contract::Page& page);
// As facts of M2, of each customer the latest: the others decide nothing.
std::map<std::string, std::vector<members::Answer>> AnswersOf(Tx& tx, const std::vector<std::string>& customer_ids);

}  // namespace renxin::membership::surveys
