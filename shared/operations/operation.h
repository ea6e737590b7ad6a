#pragma once
// Operations: work that outlives its request (an import, the lock of a period). One is begun in the transaction of its request, worked on
// by one replica at a time under a lease, moves on in transactions that write the work and its checkpoint together, and ends done, failed
// or cancelled. A process that dies leaves its lease; another one, or itself started again, goes on from the checkpoint.

#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "shared/contract/page.h"
#include "shared/core/result.h"
#include "shared/db/aged.h"
#include "shared/runtime/context.h"

namespace renxin::operations::v1 {
class Operation;
enum OperationState : int;
}  // namespace renxin::operations::v1

namespace renxin::operations {

using State = v1::OperationState;
extern const State kRunning;

struct Operation {
  std::string id;  // <service>.<uuid>: the gateway finds its service by it
  std::string type;
  std::string subject;
  State state = kRunning;
  // The type's own; no personal data.
  std::string checkpoint;
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::optional<Error> failure;
  bool cancel_requested = false;
  int attempts = 0;
  std::string created_by;
  Instant created_at;
  std::optional<Instant> ended_at;

  bool ended() const { return ended_at.has_value(); }
  // At the end of a step: it has ended with it.
  void Finish();
  void Fail(Error why);
};

// Begun running, or receiving until Start. Safe against itself run concurrently: where `exclusive` one of this type and subject is under
// way already, that one is answered and nothing is begun.
struct Begin {
  std::string service;
  std::string type;
  std::string subject;
  State state = kRunning;
  std::int64_t total = 0;
  bool exclusive = false;
};
Operation Insert(Tx& tx, const Begin& begin, std::string_view by, Instant now);
// What was receiving runs from now on.
void Start(Tx& tx, Operation* op, std::int64_t total, Instant now);

std::optional<Operation> Load(Tx& tx, std::string_view id, bool for_update = false);
std::int64_t CountRunning(Tx& tx, std::string_view type);
std::int64_t CountOf(Tx& tx, std::string_view type, State state, std::string_view created_by);
// For maintenance (shared/runtime/maintenance.h): of those of a type in a state whose cancel was not requested yet, the oldest, and the
// request for at most `limit` that were begun from `from` on and before `until`.
std::optional<Instant> OldestOf(Tx& tx, std::string_view type, State state);
db::Batch CancelOldest(Tx& tx, std::string_view type, State state, Instant from, Instant until, int limit, Instant now);

inline const contract::List kOperationList{"operations", {contract::KeyPart::kNumber, contract::KeyPart::kText}};
struct ListFilter {
  std::vector<std::string> types;  // few: each is a query
  State state{};
};
// The newest first.
contract::Paged<Operation> List(Tx& tx, const ListFilter& filter, const contract::Page& page);

// What is due, the longest due first, and when the next of the others will be. One statement.
struct DueOperations {
  std::vector<std::string> ids;
  std::optional<Instant> next;
};
DueOperations Due(Tx& tx, Instant now, int limit);
// Compare and set: nothing when somebody else has it. The lease is good until `until`.
std::optional<Operation> Claim(Tx& tx, std::string_view id, std::string_view lease, Instant now, Instant until);
// The operation under this lease, held until the commit; nothing when it is somebody else's by now, or has ended.
std::optional<Operation> LoadUnderLease(Tx& tx, std::string_view id, std::string_view lease);
// The lease is good until `until`, where it is still this one; nothing when the row is held: whoever holds it renews it, or ends it.
void Renew(Tx& tx, std::string_view id, std::string_view lease, Instant until);
// Its checkpoint, progress and state, and when it is due again; an end gives up the lease.
void Save(Tx& tx, const Operation& op, Instant now, Instant due);
// Gives up the lease.
void Release(Tx& tx, std::string_view id, std::string_view lease, int attempts, Instant due);
// What this replica left when it died is due at once; the others' leases run out.
void ReleaseAllOf(Tx& tx, std::string_view owner, Instant now);
// Requested, and due at once; what was not running yet is cancelled with it by whoever takes it.
void RequestCancel(Tx& tx, std::string_view id, Instant now);

}  // namespace renxin::operations
