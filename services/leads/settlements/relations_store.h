#pragma once
// What the settlements of a transaction refund and are refunded by (L7), held until the commit: of two refunds of one sale that
// come concurrently the second sees the first.

#include <map>
#include <string>
#include <vector>

#include "services/leads/settlements/store.h"

namespace renxin::leads::settlements {

class Relations {
 public:
  enum class Hold : std::uint8_t { kUntilCommit, kNone };
  // `ids`: what is refunded, and what is recorded again; held for update in the order of their ids, or only looked at.
  Relations(Tx& tx, const std::vector<std::string>& ids, Hold hold = Hold::kUntilCommit);

  // The rule, on what is there and what this transaction has recorded so far (`Note`).
  Status Check(const Settlement& settlement) const;
  void Record(const Settlement& settlement);
  // What it was before, where it is recorded again.
  const Related* Find(const std::string& id) const;

 private:
  Refunds RefundsOf(const std::string& id, const std::string& but) const;

  std::map<std::string, Related> known_;
  std::map<std::string, std::map<std::string, Related>> refunds_;  // by what they name, then by their own id
};

}  // namespace renxin::leads::settlements
