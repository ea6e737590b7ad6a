#pragma once
// What a settlement must be (L7), as a pure function.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/entry.h"
#include "shared/core/money.h"
#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::leads::settlements {

enum class Kind : std::uint8_t { kUnspecified = 0, kSale = 1, kRefund = 2 };

struct Line {
  std::string line_no;
  std::string category;
  Fen amount = 0;
  std::int64_t quantity = 1;
};

// What a route or a row says of a settlement beside its lines and references.
struct Head {
  std::string department;
  std::string payer;
  std::string course_no;
  std::string activity;
  Instant occurred_at;
  std::optional<Instant> settled_at;
};
// As it is kept, when every entry path takes it (G7).
Result<Head> CheckHead(Head typed, const std::vector<std::string>& payers, Instant now, EntryPath path);

constexpr std::size_t kDescriptionMost = 200;

// What the entry path calls the amount of a line.
struct LineFields {
  std::string_view amount = "amount_fen";
};
// All lines or none: a line number stands once, every category is known to policy, a line of a refund is
// not above zero. The error's field names the line: lines[2].amount_fen.
Status Check(Kind kind, const std::vector<Line>& lines, const std::vector<std::string>& categories, const LineFields& names = {});
Fen Total(const std::vector<Line>& lines);

// What of a settlement its relations to others are judged by.
struct Related {
  std::string id;
  Kind kind = Kind::kSale;
  std::string customer_id;
  Instant occurred_at;
  Fen total = 0;
  std::string refund_of;
};
// The refunds that name one sale, together.
struct Refunds {
  std::int64_t count = 0;
  Fen total = 0;  // not above zero
  Instant earliest;
  std::string customer_id;
};

// L7: `named` is what `settlement` says it refunds, with what others have refunded of it; `of_itself` are the refunds that name
// the settlement. A refund names a sale of the same customer, not later than itself, never itself, of which that much is left;
// what is refunded stays a sale of its customer, not later than its refunds and not below them.
Status CheckRelations(const Related& settlement, const std::optional<Related>& named, const Refunds& of_named, const Refunds& of_itself);

}  // namespace renxin::leads::settlements
