#pragma once
// Rows that end some time after they were written, and how they are thrown away: a few at a time, the oldest first, by an index. No number
// of them makes a statement that runs into its limit.

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "shared/core/time.h"
#include "shared/db/tx.h"

namespace renxin::db {

// An index begins with `at` (microseconds; a column or the expression of the index) and holds `where` as its condition, if there is one.
struct Aged {
  std::string_view table;
  std::string_view at;
  std::string_view where{};
};

inline constexpr Instant kBeginning{std::numeric_limits<std::int64_t>::min()};

// Of the oldest row that is not older than `from`.
std::optional<Instant> OldestOf(Tx& tx, const Aged& aged, Instant from = kBeginning);

// What a batch did. `last`: of the youngest row among them, where the next batch begins: the index still has what was deleted above it.
struct Batch {
  std::int64_t rows = 0;
  Instant last = kBeginning;
};
// At most `limit` rows from `from` on that are older than `until`. PostgreSQL: those that somebody else holds are left for the next time,
// so two replicas take different ones.
Batch DeleteOldest(Tx& tx, const Aged& aged, Instant from, Instant until, int limit);

// At most `limit` rows of `table` where `where` holds (an index finds them), in no order. Returns how many.
std::int64_t DeleteSome(Tx& tx, std::string_view table, std::string_view where, const Binds& binds, int limit);

}  // namespace renxin::db
