#pragma once
// What a lock has computed and not yet frozen, by operation. Drafts are nobody's statements: only Freeze makes them such, all at once.

#include <string>
#include <vector>

#include "services/commissions/ledger/store.h"
#include "services/commissions/statements/store.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::lock {

struct Draft {
  runtime::RosterEntry payee;
  statements::Statement statement;
  // What the payee's months were computed from: while it is the same, later periods begin at this closing.
  std::string stamp;
};
// Staged.
void StoreDraft(Tx& tx, const std::string& operation, const Draft& draft);

struct Frozen {
  std::string payee_id;
  Fen commission = 0;
  std::string hash;
};
// C13, C14: the drafts of the operation are the period's statements from now on, for good, and what they owe stands in the ledger. Answers
// them by payee.
std::vector<Frozen> Freeze(Tx& tx, const std::string& operation, Instant now);
// Drafts of some payees; true while there are more.
bool DropDrafts(Tx& tx, const std::string& operation);

}  // namespace renxin::commissions::lock
