#include "services/referrals/recognitions/rules.h"

#include <algorithm>

namespace renxin::referrals::recognitions {
namespace {

bool Covers(const Share& share, Day day) { return share.from <= day && (!share.until || day <= *share.until); }

}  // namespace

Status CheckDays(Day from, std::optional<Day> until, Day today) {
  RETURN_IF_ERROR(CheckAheadOn("from", from, today));
  if (!until) return Ok{};
  RETURN_IF_ERROR(CheckAheadOn("until", *until, today));
  if (*until < from) return InvalidField("until", "R5", "lies before from");
  return Ok{};
}

std::optional<Day> FirstOverfull(const std::vector<Share>& others, const Share& added) {
  // The sum can only rise where some share begins.
  std::vector<Day> days{added.from};
  for (const Share& other : others) {
    if (Covers(added, other.from)) days.push_back(other.from);
  }
  std::sort(days.begin(), days.end());
  for (const Day day : days) {
    int sum = added.share_bp;
    for (const Share& other : others) {
      if (other.id != added.id && Covers(other, day)) sum += other.share_bp;
    }
    if (sum > kWhole) return day;
  }
  return std::nullopt;
}

}  // namespace renxin::referrals::recognitions
