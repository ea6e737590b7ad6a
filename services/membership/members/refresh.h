#pragma once
// Brings a customer to what their facts say: class, history, points, events. Called after every fact, under the
// lock of the customer's row.

#include <string>

#include "services/membership/members/store.h"
#include "services/membership/points/store.h"
#include "services/membership/policy/policy.h"
#include "shared/observe/log.h"
#include "shared/runtime/context.h"

namespace renxin::membership::members {

struct Cause {
  FactKind kind = FactKind::kNone;
  std::string id;
  // Who it is for in the points ledger: an account, or `event:<name>`.
  std::string by;
};

// Everything that is known of a customer.
struct Known {
  std::vector<Fact> facts;
  Standing standing;
};
Known Load(Tx& tx, const Environment& env, const policy::History& policies, const std::string& customer_id, Instant now);

// A customer's row, locked, with all that it is computed from. Several facts are taken in one after the other, each
// with its own line in the history; points and the row itself are brought to the end of it once.
struct MemberState {
  Row row;
  Row saved;
  std::vector<Fact> facts;
  std::vector<Answer> answers;
  std::vector<Dispute> disputes;
  // Whose work it is what Finish tells; null: that of the thread.
  const observe::Trace* trace = nullptr;
};
std::vector<MemberState> LoadMemberStates(Tx& tx, std::vector<Row> rows);
// Class, history and event after one more fact.
void Advance(Tx& tx, const Environment& env, const policy::History& policies, const Cause& cause, Instant now, MemberState* state);
// Points, and the row where anything of it changed. `by` as in Cause.
void Finish(Tx& tx, const Environment& env, const policy::History& policies, const std::string& by, Instant now,
            std::vector<MemberState>* states);

// All three for one: `row` was locked before the fact was written.
void Refresh(Tx& tx, const Environment& env, Row row, const Cause& cause, Instant now);
// The points alone, for a redemption: what the account is now, written down.
points::Account RefreshPoints(Tx& tx, const Environment& env, Row* row, const std::string& by, Instant now);
// Saves the row with an account that was just changed, tells it, and has the next expiry waited for.
void SavePoints(Tx& tx, Row* row, const points::Account& account, Instant now);

// At the beginning of a policy version every member's class is looked at again, some hundred a transaction.
void ScheduleReview(Tx& tx, std::int64_t policy_version, Instant due);
void Review(Tx& tx, const TimerContext& ctx);
// Some lot of a customer expires.
void ExpirePoints(Tx& tx, const TimerContext& ctx);

inline constexpr const char* kReviewTimer = "membership_review";
inline constexpr const char* kExpiryTimer = "points_expiry";

}  // namespace renxin::membership::members
