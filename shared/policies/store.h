#pragma once
// The rows of the table `policies`: documents that are never edited, only followed by another version, each in force from a day
// until a later one is. `kind` is the service they belong to; `body` is a serialized message.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/contract/page.h"
#include "shared/core/time.h"
#include "shared/db/tx.h"

namespace renxin::policies {

struct Row {
  std::int64_t version = 0;
  std::string effective_from;  // a day
  std::string approver;
  Instant created_at;
  std::string body;
};

// The one in force on `day`: of those that begin on the same day the one that was made last.
std::optional<Row> RowOn(db::Tx& tx, std::string_view kind, Day day);
// In force on `day` or earlier, the one that takes effect last first, at most 200.
std::vector<Row> RowsUntil(db::Tx& tx, std::string_view kind, Day day);
// The one that takes effect last first.
inline const contract::List kVersionList{"policies", {contract::KeyPart::kText, contract::KeyPart::kNumber}};
contract::Paged<Row> List(db::Tx& tx, std::string_view kind, const contract::Page& page);
// Adds the next version and returns it; throws DbError{kRetry} when another one was added concurrently.
Row Add(db::Tx& tx, std::string_view kind, Day effective_from, std::string_view approver, std::string_view body, Instant now);

// By version, for the doctor: those after `after` (a number as text; empty: all).
std::vector<Row> After(db::Tx& tx, std::string_view kind, const std::string& after, int limit);

// Reported once a row is met that cannot be read (stored.h).
void ReportUnreadable(std::string_view kind, const Row& row);

}  // namespace renxin::policies
