#pragma once
// The roster of one person as a function of the row they came with and their moves.

#include <string>
#include <vector>

#include "shared/core/entry.h"

namespace renxin::identity::staff {

// What holds from a day on; an empty field of a move stays as it was before.
struct Period {
  std::string from;  // YYYY-MM-DD
  std::string department;
  std::string group_no;
  std::string supervisor_no;
  std::string plan;
};

// What a route or a row says of a member of staff.
struct StaffEntry {
  std::string staff_no;
  std::string name;
  std::string job;
  std::string joined_on;
  std::string left_on;
  Period first;
};
// As it is kept, when every entry path takes it (G7, G8): joining and leaving may lie ahead by a year.
Result<StaffEntry> CheckStaff(StaffEntry typed, const std::vector<std::string>& jobs, Day today);
// A move from a day on, at most a year ahead and not before the day of joining (empty: not known yet).
Result<Period> CheckMove(Period typed, const std::string& joined_on, Day today);

// The periods by day, the first from the day of joining. Moves may come in any order; one before the
// day of joining holds from that day.
std::vector<Period> Fold(Period joined, std::vector<Period> moves);

}  // namespace renxin::identity::staff
