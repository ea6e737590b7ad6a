#pragma once
// Looks through stored rows by the rules that the entry paths apply today, and lists what they would refuse. Rows that were stored before
// a rule became sharper stay readable and are never changed here: a person decides.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/runtime/context.h"

namespace renxin::runtime {

// Ids and our own words, no personal data.
struct Finding {
  std::string record;  // customer, settlement …
  std::string id;
  std::string rule;
  std::string what;
  bool operator==(const Finding&) const = default;
};

// A row that was looked at; one that is sound has no findings.
struct CheckedRow {
  std::string record;
  std::string id;  // and the cursor: the rows of a check come in the order of their ids, each id once
  std::vector<Finding> findings{};

  void Add(std::string_view rule, std::string_view what);
  // What a rule says of it. `rule` is named where the refusal names a check of a field (`required`, `format`) and no rule of the domain.
  template <class T>
  void Expect(const Result<T>& checked, std::string_view rule) {
    if (!checked) AddRefusal(checked.error(), rule);
  }

 private:
  void AddRefusal(const Error& refusal, std::string_view rule);
};

struct DoctorContext {
  Instant now;
  const Environment& env;
};

// The rows whose id comes after `after` (empty: from the first), at most `limit`, by an index; fewer than `limit` are the last.
using RowCheck = std::function<std::vector<CheckedRow>(Tx&, const DoctorContext&, const std::string& after, int limit)>;

struct NamedCheck {
  std::string name;  // without a colon; part of the page token
  RowCheck check;
};

struct FindingsPage {
  std::vector<Finding> findings;
  std::string next_page_token;  // empty: all checks have seen all rows
  std::int64_t rows = 0;        // looked at
};

// A page looks at so many rows, whatever it finds: it ends long before the deadline of a request.
inline constexpr int kRowsOfAPage = 2'000;

// The page after `page_token`: at most `page_size` findings, but never less than all of one row.
Result<FindingsPage> Examine(Tx& tx, const std::vector<NamedCheck>& checks, const DoctorContext& ctx, std::string_view page_token,
                             std::size_t page_size);

}  // namespace renxin::runtime
