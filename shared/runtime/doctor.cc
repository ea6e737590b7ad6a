#include "shared/runtime/doctor.h"

#include <algorithm>
#include <iterator>

#include "shared/contract/page.h"

namespace renxin::runtime {
namespace {

// Rows of one statement.
constexpr int kRowsAtATime = 250;

struct Cursor {
  std::size_t check = 0;
  std::string after;
};

const contract::List kFindingList{"findings", {contract::KeyPart::kText, contract::KeyPart::kText}};

Result<Cursor> DecodeCursor(const std::vector<NamedCheck>& checks, std::string_view token) {
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(kFindingList, 0, token));
  if (page.first()) return Cursor{};
  const auto found = std::find_if(checks.begin(), checks.end(), [&](const NamedCheck& check) { return check.name == page.Text(0); });
  if (found == checks.end()) return contract::InvalidPageToken();
  return Cursor{static_cast<std::size_t>(found - checks.begin()), page.Text(1)};
}

std::string EncodeCursor(const std::vector<NamedCheck>& checks, const Cursor& cursor) {
  if (cursor.check == checks.size()) return "";
  return contract::PageToken(kFindingList, {checks[cursor.check].name, cursor.after});
}

// L7, G8: a letter and digits.
bool IsRuleId(std::string_view rule) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return rule.size() > 1 && rule[0] >= 'A' && rule[0] <= 'Z' && std::all_of(rule.begin() + 1, rule.end(), is_digit);
}

}  // namespace

void CheckedRow::Add(std::string_view rule, std::string_view what) {
  findings.push_back({.record = record, .id = id, .rule = std::string(rule), .what = std::string(what)});
}

void CheckedRow::AddRefusal(const Error& refusal, std::string_view rule) {
  if (refusal.fields.empty()) return Add(rule, refusal.message);
  const FieldViolation& violation = refusal.fields.front();
  const std::string what = violation.field.empty() ? violation.message : violation.field + ": " + violation.message;
  Add(IsRuleId(violation.rule) ? std::string_view(violation.rule) : rule, what);
}

Result<FindingsPage> Examine(Tx& tx, const std::vector<NamedCheck>& checks, const DoctorContext& ctx, std::string_view page_token,
                             std::size_t page_size) {
  ASSIGN_OR_RETURN(Cursor cursor, DecodeCursor(checks, page_token));
  FindingsPage page;
  while (cursor.check < checks.size() && page.rows < kRowsOfAPage) {
    const int limit = std::min(kRowsAtATime, kRowsOfAPage - static_cast<int>(page.rows));
    std::vector<CheckedRow> rows = checks[cursor.check].check(tx, ctx, cursor.after, limit);
    for (CheckedRow& row : rows) {
      // The findings of a row are never parted: the next page begins behind a row.
      if (!page.findings.empty() && !row.findings.empty() && page.findings.size() + row.findings.size() > page_size) {
        page.next_page_token = EncodeCursor(checks, cursor);
        return page;
      }
      std::move(row.findings.begin(), row.findings.end(), std::back_inserter(page.findings));
      cursor.after = std::move(row.id);
      ++page.rows;
    }
    if (static_cast<int>(rows.size()) < limit) cursor = {cursor.check + 1, ""};
  }
  page.next_page_token = EncodeCursor(checks, cursor);
  return page;
}

}  // namespace renxin::runtime
