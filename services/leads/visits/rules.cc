#include "services/leads/visits/rules.h"

#include "shared/core/normal.h"

namespace renxin::leads::visits {

Result<Arrival> CheckArrival(Arrival typed, Instant now, EntryPath path) {
  RETURN_IF_ERROR(CheckHappened("arrived_at", typed.arrived_at, now, path));
  RETURN_IF_ERROR(CheckCode("department", &typed.department, true));
  RETURN_IF_ERROR(CheckCode("partner_no", &typed.partner_no));
  RETURN_IF_ERROR(CheckCode("slip_no", &typed.slip_no));
  RETURN_IF_ERROR(CheckCode("card_no", &typed.card_no));
  for (std::string* no : {&typed.partner_no, &typed.slip_no, &typed.card_no}) *no = NormalCode(*no);
  return typed;
}

Status CheckLeadOf(std::string_view field, std::string_view lead_customer_id, std::string_view customer_id) {
  if (lead_customer_id != customer_id) return InvalidField(field, "L6", "this lead is another customer's");
  return Ok{};
}

}  // namespace renxin::leads::visits
