#pragma once
// What a service says about one kind of import file; the engine does the rest: reading, grouping,
// unchanged rows, waiting rows, refusals, reports, resuming after a crash.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/result.h"
#include "shared/runtime/context.h"

namespace renxin::intake {

struct Column {
  std::string_view name;
  bool required = false;
};

struct Row {
  std::int64_t line = 0;
  // In the order of KindSpec::columns; empty = absent.
  std::vector<std::string> cells;
};

// The unit: one row, or all rows of one number.
struct Record {
  std::string no;
  std::vector<Row> rows;
  // Our id, where the record is known from an earlier import.
  std::string target_id;
  // Where it was listed: files in the order they were begun in, then lines. A row that waited keeps its place.
  std::int64_t position = 0;
};

struct Outcome {
  enum class State : std::uint8_t { kCreated, kUpdated, kUnchanged, kWaiting, kRefused };
  State state = State::kRefused;
  std::string target_id;   // created, updated
  std::string field;       // waiting, refused
  std::string reason;      // refused
  std::string needs_kind;  // waiting: what for, e.g. customers, staff
  std::string needs_no;
  int households = 0;
  int placeholder_birthdays = 0;

  static Outcome Created(std::string id) { return {.state = State::kCreated, .target_id = std::move(id)}; }
  static Outcome Updated(std::string id) { return {.state = State::kUpdated, .target_id = std::move(id)}; }
  static Outcome Refused(std::string field, std::string reason) {
    return {.state = State::kRefused, .field = std::move(field), .reason = std::move(reason)};
  }
  static Outcome Waiting(std::string field, std::string kind, std::string no) {
    return {.state = State::kWaiting, .field = std::move(field), .needs_kind = std::move(kind), .needs_no = std::move(no)};
  }
};

struct KindSpec;

// What a batch of records is applied with. Nothing of it outlives the call.
struct Batch {
  const KindSpec& kind;
  std::string source;
  std::string operation_id;
  Instant now;
  const Environment& env;
  std::set<std::string> new_codes;
  // Outside numbers of other kinds that came into being on the way (a customer named by a lead).
  std::vector<std::pair<std::string, std::string>> also_known;  // kind, no
};

struct KindSpec {
  std::string kind;
  std::vector<Column> columns;
  // The column that holds the outside number.
  std::string_view number;
  // All rows of one number are one record.
  bool grouped = false;
  // Another row with the same number is another record (moves: one per day): the number is then these
  // columns together.
  std::vector<std::string_view> number_columns{};
  // Applies records in order within the caller's transaction; one outcome each. Never throws for what a
  // row contains.
  std::function<std::vector<Outcome>(Tx&, Batch&, const std::vector<Record>&)> apply;

  int IndexOf(std::string_view column) const;
};

// Reads the cells of one row by name; the first that is wrong is kept with its reason.
class Fields {
 public:
  Fields(const KindSpec& kind, const Row& row) : kind_(kind), row_(row) {}

  const std::string& Text(std::string_view column) const;
  bool Has(std::string_view column) const { return !Text(column).empty(); }
  // Empty: nothing. Malformed: nothing, and the fault is kept.
  std::optional<Instant> Time(std::string_view column);
  std::optional<Day> Date(std::string_view column);
  std::optional<std::int64_t> Fen(std::string_view column);
  std::optional<bool> Flag(std::string_view column);
  std::optional<std::int64_t> Integer(std::string_view column, std::int64_t low, std::int64_t high);
  // One of `allowed`; empty stays empty.
  std::string Code(std::string_view column, const std::vector<std::string>& allowed);

  // What a check of shared/core/entry.h or of a rule says: its field and its words are kept, which are those of the routes.
  void Check(const Status& status) {
    if (!status) Refuse(status.error());
  }
  template <class T>
  T Require(Result<T> result) {
    if (result) return std::move(result).value();
    Refuse(result.error());
    return {};
  }

  bool ok() const { return fault_field_.empty(); }
  Outcome Fault() const { return Outcome::Refused(fault_field_, fault_reason_); }
  void Refuse(std::string_view column, std::string_view reason);
  void Refuse(const Error& error);

 private:
  const KindSpec& kind_;
  const Row& row_;
  std::string fault_field_;
  std::string fault_reason_;
};

}  // namespace renxin::intake
