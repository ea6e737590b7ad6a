#pragma once
// Statements as they are asked for: frozen ones as they were frozen, open ones computed from the facts behind the last closing.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/commissions/plans/store.h"
#include "services/commissions/statements/calculator.h"
#include "shared/contract/page.h"
#include "shared/db/stored.h"
#include "shared/runtime/context.h"
#include "shared/runtime/roster.h"

namespace renxin::commissions::statements {

inline const contract::List kStatementList{"statements", {contract::KeyPart::kText}};

// What a period's statements are computed from besides the payee's own facts. Within one transaction.
class StatementReader {
 public:
  // `first_period`: the one that will be set where none is.
  explicit StatementReader(Tx& tx, std::optional<Month> first_period = std::nullopt);

  // Nothing when the payee is not known.
  std::optional<Statement> Find(const std::string& payee, Month period);
  // A page of the payees of a period by id: whoever has a plan at its end, or credit, or a locked statement that it corrects. `source`
  // empty: all. A page may be shorter than it is long and still have a next one: to find out whom a period corrects costs a computation,
  // and a request does a bounded number of them.
  contract::Paged<runtime::RosterEntry> Payees(Month period, const std::string& source, const Scope& scope, const contract::Page& page);
  bool IsLocked(Month period) const { return std::find(locked_.begin(), locked_.end(), period) != locked_.end(); }
  // C13: before the first period.
  bool IsHistory(Month period) const { return first_period_ && period < *first_period_; }
  // Stored rows that could not be read so far and are missing in what was computed.
  const std::vector<db::UnreadableRow>& unreadable() const { return unreadable_; }
  // What a payee's months up to `closed` were computed from, as a text that is another one when any of it has changed.
  std::string StampOf(const runtime::RosterEntry& payee, Month closed);

 private:
  Statement ComputeFor(const runtime::RosterEntry& payee, Month period);
  // The closing of the last locked month while nothing has changed since; before the first lock the first period, into which nothing is
  // carried. Nothing: the chain begins at the first credit.
  std::optional<ChainStart> StartOf(const runtime::RosterEntry& payee, Month period);
  std::vector<Line> Corrections(const runtime::RosterEntry& payee, const Inputs& inputs, const std::map<Month, MonthResult>& chain);
  std::map<Month, Fen> Paid(const std::string& payee);
  // Why a locked period should have been otherwise: moves of the payee, settlements and their shares.
  std::vector<std::string> Causes(const runtime::RosterEntry& payee, Month locked, const Inputs& inputs);
  bool IsCorrected(const runtime::RosterEntry& payee, Month period);
  bool HasPlan(const runtime::RosterEntry& payee, Month period) const;
  // The frozen one; unreadable, it says so and nothing else.
  std::optional<Statement> LoadFrozen(Month period, const std::string& payee);

  Tx& tx_;
  std::vector<db::UnreadableRow> unreadable_;
  std::vector<db::UnreadableRow> common_;  // of plans and periods: what every statement lacks
  plans::PlanCatalogue plans_;
  std::vector<Month> locked_;
  std::optional<Month> first_period_;
};

std::vector<Source> FrozenSources(Tx& tx, Month period, const std::string& payee, std::vector<db::UnreadableRow>* unreadable);
// `table: id` of each.
std::vector<std::string> Names(const std::vector<db::UnreadableRow>& rows);

}  // namespace renxin::commissions::statements
