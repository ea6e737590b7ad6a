#pragma once
// What commissions knows of settlements and recognitions: sets of facts, the highest version of each.

#include <optional>
#include <string>
#include <vector>

#include "services/commissions/statements/rules.h"
#include "shared/db/stored.h"
#include "shared/facts/settlements.h"
#include "shared/runtime/context.h"

namespace renxin::leads::v1 {
class CourseChanged;
}  // namespace renxin::leads::v1
namespace renxin::referrals::v1 {
class ReferralRecognised;
}

namespace renxin::commissions::facts {

// The highest version of each stands; staged.
void UpsertSettlement(Tx& tx, const EventContext& ctx, const renxin::facts::Settlement& settlement);
void UpsertCourse(Tx& tx, const EventContext& ctx, const leads::v1::CourseChanged& event, std::optional<Day> closed);
void UpsertRecognition(Tx& tx, const EventContext& ctx, const referrals::v1::ReferralRecognised& event);

// Up to the end of `last`; of what settled by the end of `after` only what belongs to a course that was not closed by then.
struct CreditRange {
  std::optional<Month> after{};
  Month last;
};
// The credits of one payee. Facts that cannot be read are left out and listed in `unreadable`.
std::vector<statements::Credit> CreditsOf(Tx& tx, const std::string& payee, const CreditRange& range,
                                          std::vector<db::UnreadableRow>* unreadable);
// Count, versions and times of all facts that decide on a payee's credits up to the end of `closed`: another text when any has changed.
std::string StampOf(Tx& tx, const std::string& payee, Month closed);
// The month of the first settled fact; nothing when there are none.
std::optional<Month> FirstMonth(Tx& tx);
std::optional<Month> LastMonth(Tx& tx);

struct DayTotal {
  std::string day;
  std::int64_t count = 0;
  Fen net = 0;
  std::int64_t versions = 0;
};
// C13: what the month adds up to here, by day of settling.
std::vector<DayTotal> ControlTotals(Tx& tx, const std::string& month);
// The same for courses, by day of the close; they have no amount.
std::vector<DayTotal> Closings(Tx& tx, const std::string& month);

struct Totals {
  std::int64_t count = 0;
  std::int64_t versions = 0;
};
// C13: all recognitions, and all staff of the roster.
Totals RecognitionTotals(Tx& tx);
Totals RosterTotals(Tx& tx);

struct MonthTotal {
  std::string month;
  std::int64_t settlements = 0;
  Fen net = 0;
};
// The months before `month` that hold settlements, the latest first, at most 60.
std::vector<MonthTotal> MonthsBefore(Tx& tx, const std::string& month);

}  // namespace renxin::commissions::facts
