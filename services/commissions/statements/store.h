#pragma once
// Statements as they are asked for: frozen ones as they were frozen, open ones computed from the facts.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/commissions/plans/store.h"
#include "services/commissions/statements/rules.h"
#include "shared/db/stored.h"
#include "shared/runtime/context.h"
#include "shared/runtime/roster.h"

namespace renxin::commissions::v1 {
class Statement;
class StatementSource;
}  // namespace renxin::commissions::v1

namespace renxin::commissions::statements {

struct ComputedStatement {
  std::shared_ptr<v1::Statement> statement;  // never null
  std::vector<v1::StatementSource> sources;
  // Of each source: settlement id and version, to tell later what has changed.
  std::vector<std::pair<std::string, std::int64_t>> versions;
};

// What a period's statements are drawn from besides the payee's own facts.
class StatementCalculator {
 public:
  // `first_period`: the one that will be set where none is.
  explicit StatementCalculator(Tx& tx, std::optional<Month> first_period = std::nullopt);

  // Nothing when the payee is not known.
  std::optional<ComputedStatement> Find(const std::string& payee, Month period);
  // Payees of a period: whoever has a plan at its end, or credit, or a locked statement that it corrects. `source` empty: all.
  std::vector<runtime::RosterEntry> Payees(Month period, const std::string& source);
  bool IsLocked(Month period) const { return std::find(locked_.begin(), locked_.end(), period) != locked_.end(); }
  // C13: before the first period.
  bool IsHistory(Month period) const { return first_period_ && period < *first_period_; }
  // Stored rows that could not be read so far and are missing in what was drawn.
  const std::vector<db::UnreadableRow>& unreadable() const { return unreadable_; }

 private:
  ComputedStatement Compute(const runtime::RosterEntry& payee, Month period);
  void AddCorrections(const runtime::RosterEntry& payee, Month period, const std::map<Month, MonthResult>& chain,
                      const std::vector<Credit>& credits, const PlanOn& plan_on, std::vector<Line>* lines);
  // Why a locked period should have been otherwise: moves of the payee, settlements and their shares.
  std::vector<std::string> Causes(const runtime::RosterEntry& payee, Month locked, const std::vector<Credit>& credits,
                                  const PlanOn& plan_on);
  std::set<std::string> LockedPayees(Month period);
  bool IsCorrected(const runtime::RosterEntry& payee, Month period);
  // The frozen one; unreadable, it says so and nothing else.
  std::optional<v1::Statement> LoadFrozen(Month period, const std::string& payee);

  Tx& tx_;
  std::vector<db::UnreadableRow> unreadable_;
  std::vector<db::UnreadableRow> common_;  // of plans and periods: what every statement lacks
  plans::PlanCatalogue plans_;
  std::vector<Month> locked_;
  std::optional<Month> first_period_;
};

std::vector<v1::StatementSource> FrozenSources(Tx& tx, Month period, const std::string& payee, std::vector<db::UnreadableRow>* unreadable);
// `table: id` of each.
std::vector<std::string> Names(const std::vector<db::UnreadableRow>& rows);

// SHA-256 over all figures of the statement and its sources, in a fixed text form.
std::string HashOf(const ComputedStatement& computed);

}  // namespace renxin::commissions::statements
