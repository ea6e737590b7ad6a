#pragma once
// The SQL of imports: files, staged and waiting rows, numbers; an import itself is in import.h.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/intake/kind.h"

namespace renxin::intake::store {

// False when that piece is there already with other bytes.
bool UploadChunk(Tx& tx, const Environment& env, const std::string& upload, std::int64_t offset, std::string_view data,
                 const std::string& sha);
// The length of what has been received without a gap.
std::int64_t ReceivedBytes(Tx& tx, std::string_view upload);
// Deletes of what an import was made from, its pieces and staged rows, as much as one transaction should; true while there is more.
bool DropSome(Tx& tx, std::string_view id);

void StageRows(Tx& tx, const Environment& env, const std::string& op, const std::vector<Record>& records);
// How many rows are staged of each of these.
std::map<std::string, std::int64_t> CountStaged(Tx& tx, const std::string& op, const std::vector<std::string>& numbers);
// The next records of a grouped kind behind the line `after`, in the order of their first lines.
std::vector<Record> StagedRecords(Tx& tx, const Environment& env, const std::string& op, std::int64_t after, int limit);

struct Known {
  std::string no;
  std::string target_id;
  std::string row_hash;
};
std::vector<Known> Keys(Tx& tx, std::string_view kind, std::string_view source, const std::vector<std::string>& numbers);
// The same, held until the commit in the order of the numbers: a record is not changed by two files at once.
std::vector<Known> KeysForUpdate(Tx& tx, std::string_view kind, std::string_view source, const std::vector<std::string>& numbers);
// For a number that was not known: the transaction is run again when somebody else has made it known meanwhile.
void ClaimKey(Tx& tx, std::string_view kind, std::string_view source, const Known& key);
// An empty hash never makes a known one forget its row.
void StoreKey(Tx& tx, std::string_view kind, std::string_view source, const Known& key);

struct WaitingRow {
  std::string no;
  std::string operation_id;
  std::string field;
  std::string needs_kind;
  std::string needs_no;
  Record record;
};
void StoreWaiting(Tx& tx, const Environment& env, std::string_view kind, std::string_view source, const WaitingRow& row, Instant retry_at,
                  Instant now);
void DropWaiting(Tx& tx, std::string_view kind, std::string_view source, const std::vector<std::string>& numbers);
// Rows that are held, and their operations before them: who brings what they wait for wakes them after this transaction, and is not
// overwritten by it.
struct HeldRows {
  std::vector<WaitingRow> rows;
  bool others = false;  // there are more, of operations that somebody else holds
};
// What becomes of those whose operation somebody else holds. A timer holds its own row, which whoever holds the operation may want to
// write: it must not wait for him.
enum class Busy : std::uint8_t { kWaited, kSkipped };
// The oldest whose retry is due, for its timer.
HeldRows DueWaiting(Tx& tx, const Environment& env, const std::string& kind, const std::string& source, Instant now, int limit);
// The oldest of those that wait since before `until`: none of them is applied by somebody else any more.
HeldRows WaitingSince(Tx& tx, const Environment& env, const std::string& kind, const std::string& source, Instant until, Busy busy,
                      int limit);
// Since when the first of them waits.
std::optional<Instant> OldestWaiting(Tx& tx, std::string_view kind, std::string_view source);
void SetRetry(Tx& tx, std::string_view kind, std::string_view source, const std::vector<std::string>& numbers, std::optional<Instant> at);
// Rows of `source` that wait for these are retried now, as many as one transaction should mark.
struct Woken {
  std::vector<std::string> kinds;  // that have such rows
  bool more = false;               // there may be others: again
};
Woken Wake(Tx& tx, std::string_view source, std::string_view needs_kind, const std::vector<std::string>& numbers, Instant now);
// Of these operations: (id, seq).
std::map<std::string, std::int64_t> Sequence(Tx& tx, const std::vector<std::string>& ids);
std::int64_t CountWaiting(Tx& tx);
std::int64_t CountWaiting(Tx& tx, std::string_view kind, std::string_view source);

void StoreRefused(Tx& tx, const Environment& env, const std::string& op, const Record& record, const std::string& reason, Instant now);
// `line,reason,cells…` rows behind the line `after`.
std::vector<std::vector<std::string>> RefusedAfter(Tx& tx, const Environment& env, const std::string& op, std::int64_t after, int limit);

}  // namespace renxin::intake::store
