#pragma once
// What an arrival must be to be written down, on every entry path (G7, L6).

#include <string>

#include "shared/core/entry.h"

namespace renxin::leads::visits {

struct Arrival {
  std::string customer_id;
  std::string department;
  std::string partner_no;
  std::string slip_no;
  std::string card_no;
  Instant arrived_at;
};
// As it is kept.
Result<Arrival> CheckArrival(Arrival typed, Instant now, EntryPath path);

// L6: the lead an arrival names is the same customer's; `field` is what the entry path calls it.
Status CheckLeadOf(std::string_view field, std::string_view lead_customer_id, std::string_view customer_id);

}  // namespace renxin::leads::visits
