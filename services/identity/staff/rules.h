#pragma once
// The roster of one person as a function of the row they came with and their moves.

#include <string>
#include <vector>

#include "shared/core/time.h"

namespace renxin::identity::staff {

// What holds from a day on; an empty field of a move stays as it was before.
struct Period {
  std::string from;  // YYYY-MM-DD
  std::string department;
  std::string group_no;
  std::string supervisor_no;
  std::string plan;
};

// The periods by day, the first from the day of joining. Moves may come in any order; one before the
// day of joining holds from that day.
std::vector<Period> Fold(Period joined, std::vector<Period> moves);

}  // namespace renxin::identity::staff
