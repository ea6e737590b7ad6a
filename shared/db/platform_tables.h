#pragma once
// What every service keeps beside its own tables: events to publish, answers of commands, timers,
// history. All of it inside the caller's transaction.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/contract/page.h"
#include "shared/core/result.h"
#include "shared/core/time.h"
#include "shared/db/aged.h"
#include "shared/db/tx.h"
#include "shared/privacy/seal.h"

namespace google::protobuf {
class Message;
}

namespace renxin::db {

struct EventHead {
  std::string aggregate_id;
  std::int64_t aggregate_version = 0;
  Instant occurred_at;
  Instant recorded_at;
};

// Writes an event to the outbox; the relay publishes it after the commit. The message's type has the
// option (renxin.options.v1.event); its body holds ids, no personal data.
void Publish(Tx& tx, const EventHead& head, const google::protobuf::Message& event);

// Runs `kind`'s handler once at `due` or later; unique by kind and key, a second call moves it.
void Schedule(Tx& tx, std::string_view kind, std::string_view key, Instant due);
void Unschedule(Tx& tx, std::string_view kind, std::string_view key);

struct Change {
  std::string record_kind;
  std::string record_id;
  Instant at;
  std::string by;
  std::string from;
  std::string to;
  std::string why;
  std::int64_t seq = 0;  // of a stored one: their order
};
// G5. `why` in our own words, never a person's.
void AppendHistory(Tx& tx, const Change& change);
// The same where `why` is what somebody typed: a free text may name a person, so it is sealed (G6).
void AppendSealedHistory(Tx& tx, const privacy::Sealer& sealer, const Change& change);
// Oldest first.
inline const contract::List kHistoryList{"history", {contract::KeyPart::kNumber}};
contract::Paged<Change> ListHistory(Tx& tx, const privacy::Sealer& sealer, std::string_view record_kind, std::string_view record_id,
                                    const contract::Page& page);
// The first 200.
std::vector<Change> HistoryOf(Tx& tx, const privacy::Sealer& sealer, std::string_view record_kind, std::string_view record_id);

inline constexpr std::chrono::seconds kAnswerKept = std::chrono::hours(72);
// The answer of an earlier equal request; a refusal when the key was used for another request. One whose time is over
// is forgotten. kAgain: reads what others have committed since it was first looked for.
enum class Look : std::uint8_t { kOnce, kAgain };
Result<std::optional<std::string>> StoredAnswer(Tx& tx, const privacy::Sealer& sealer, std::string_view key_hash,
                                                std::string_view request_hash, Instant now, Look look = Look::kOnce);
// A command declares that it will ask for it (lookup.h).
void WantAnswer(Tx& tx, std::string_view key_hash);
// Kept for `keep`, at most kAnswerKept. Where somebody else stores one meanwhile the transaction fails with DbError{kRetry}: the command
// runs again and finds it.
void StoreAnswer(Tx& tx, const privacy::Sealer& sealer, std::string_view key_hash, std::string_view request_hash, std::string_view answer,
                 Instant now, std::chrono::seconds keep = kAnswerKept);

// One at a time from here to the commit for each of these keys of a kind, whether or not a row of theirs exists yet: two
// commands that add to the same thing see each other. Held in one order, so that they never wait for each other in both
// directions. PostgreSQL: advisory locks, of which a server has max_locks_per_transaction times its connections (6,400 by default). SQLite
// has one writer anyway. A command may declare them before (Tx::WantLocks).
void HoldKeys(Tx& tx, std::string_view kind, const std::vector<std::string>& keys);

// kind + source + outside number → our id; a lower version never replaces a higher one.
void StoreAlias(Tx& tx, std::string_view kind, std::string_view source, std::string_view outside_no, std::string_view target_id,
                std::int64_t version);
// (outside number, our id) of those that are known.
std::vector<std::pair<std::string, std::string>> ResolveAliases(Tx& tx, std::string_view kind, std::string_view source,
                                                                const std::vector<std::string>& outside_nos);
std::optional<std::string> ResolveAlias(Tx& tx, std::string_view kind, std::string_view source, std::string_view outside_no);

// Messages that could not be handled and were neither replayed nor discarded since.
std::int64_t OpenDeadLetters(Tx& tx);

// What of these tables has its end, and when: an answer; what a consumer has done, for longer than the longest replay; a dead letter that
// was replayed or discarded.
inline constexpr Aged kAgedAnswers{.table = "idempotency", .at = "created_at"};
inline constexpr Aged kAgedInbox{.table = "inbox", .at = "received_at"};
inline constexpr std::chrono::seconds kInboxKept = std::chrono::hours(30 * 24);
inline constexpr Aged kClosedDeadLetters{
    .table = "dead_letters", .at = "coalesce(discarded_at, replayed_at)", .where = "(replayed_at is not null or discarded_at is not null)"};
inline constexpr std::chrono::seconds kClosedDeadLettersKept = std::chrono::hours(90 * 24);

}  // namespace renxin::db
