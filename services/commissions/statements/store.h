#pragma once
// Statements as they are asked for: frozen ones as they were frozen, open ones computed from the facts.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "renxin/commissions/v1/commissions.pb.h"
#include "services/commissions/plans/store.h"
#include "services/commissions/statements/rules.h"
#include "shared/runtime/context.h"
#include "shared/runtime/roster.h"

namespace renxin::commissions::statements {

struct Drawn {
  v1::Statement statement;
  std::vector<v1::StatementSource> sources;
  // Of each source: settlement id and version, to tell later what has changed.
  std::vector<std::pair<std::string, std::int64_t>> versions;
};

// What a period's statements are drawn from besides the payee's own facts.
class Desk {
 public:
  explicit Desk(Tx& tx) : tx_(tx), plans_(tx), locked_(LockedMonths(tx)) {}

  // Nothing when the payee is not known.
  std::optional<Drawn> Draw(const std::string& payee, Month period);
  // Payees of a period: whoever has a plan on some day of it, or credit. `source` empty: all.
  std::vector<runtime::RosterEntry> Payees(Month period, const std::string& source);
  bool IsLocked(Month period) const { return std::find(locked_.begin(), locked_.end(), period) != locked_.end(); }
  const std::vector<Month>& locked() const { return locked_; }

  static std::vector<Month> LockedMonths(Tx& tx);

 private:
  Drawn Compute(const runtime::RosterEntry& payee, Month period);
  void AddCorrections(const std::string& payee, Month period, const std::map<Month, MonthResult>& chain, const std::vector<Credit>& credits,
                      const PlanOn& plan_on, std::vector<Line>* lines);
  std::vector<std::string> Changed(const std::string& payee, Month locked, const std::vector<Credit>& credits, const PlanOn& plan_on);

  Tx& tx_;
  plans::Book plans_;
  std::vector<Month> locked_;
};

std::optional<v1::Statement> Frozen(Tx& tx, Month period, const std::string& payee);
std::vector<v1::StatementSource> FrozenSources(Tx& tx, Month period, const std::string& payee);
void Freeze(Tx& tx, Month period, const std::string& payee, const Drawn& drawn);

// SHA-256 over all figures of the statement and its sources, in a fixed text form.
std::string HashOf(const Drawn& drawn);

}  // namespace renxin::commissions::statements
