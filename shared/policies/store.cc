#include "shared/policies/store.h"

#include <cstdlib>

#include "shared/core/text.h"
#include "shared/db/stored.h"

namespace renxin::policies {
namespace {

constexpr int kRowsMax = 200;

std::vector<Row> Select(db::Tx& tx, const std::string& where, const db::Binds& binds) {
  std::vector<Row> out;
  for (auto& [version, from, approver, at, body] : tx.Select<std::int64_t, std::string, std::string, std::int64_t, std::string>(
           "select version, effective_from, approver, created_at, body from policies where kind = :kind " + where, binds)) {
    out.push_back({version, from, approver, Instant{at}, FromBase64(body).value_or("")});
  }
  return out;
}

std::vector<Row> SelectUntil(db::Tx& tx, std::string_view kind, Day day, int limit) {
  return Select(tx, "and effective_from <= :day order by effective_from desc, version desc limit " + std::to_string(limit),
                {{"kind", kind}, {"day", FormatDay(day)}});
}

}  // namespace

std::optional<Row> RowOn(db::Tx& tx, std::string_view kind, Day day) {
  auto rows = SelectUntil(tx, kind, day, 1);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::vector<Row> RowsUntil(db::Tx& tx, std::string_view kind, Day day) { return SelectUntil(tx, kind, day, kRowsMax); }

contract::Paged<Row> List(db::Tx& tx, std::string_view kind, const contract::Page& page) {
  auto rows = Select(
      tx,
      "and (:first = 1 or effective_from < :from or (effective_from = :from2 and version < :version)) "
      "order by effective_from desc, version desc limit " +
          std::to_string(page.fetch()),
      {{"kind", kind}, {"first", page.first() ? 1 : 0}, {"from", page.Text(0)}, {"from2", page.Text(0)}, {"version", page.Number(1)}});
  return contract::Cut(kVersionList, page, std::move(rows), [](const Row& row) {
    return std::vector<std::string>{row.effective_from, std::to_string(row.version)};
  });
}

Row Add(db::Tx& tx, std::string_view kind, Day effective_from, std::string_view approver, std::string_view body, Instant now) {
  const auto last =
      tx.First<std::int64_t>("select cast(coalesce(max(version), 0) as bigint) from policies where kind = :kind", {{"kind", kind}});
  Row row{std::get<0>(*last) + 1, FormatDay(effective_from), std::string(approver), now, std::string(body)};
  static const db::InsertSpec kPolicies{.table = "policies",
                                        .columns = {"kind", "version", "effective_from", "approver", "body", "created_at"}};
  tx.InsertOrRetry(kPolicies, "kind, version",
                   {std::string(kind), row.version, row.effective_from, row.approver, ToBase64(body), now.micros});
  return row;
}

std::vector<Row> After(db::Tx& tx, std::string_view kind, const std::string& after, int limit) {
  return Select(tx, "and version > :after order by version limit " + std::to_string(limit),
                {{"kind", kind}, {"after", std::strtoll(after.c_str(), nullptr, 10)}});
}

void ReportUnreadable(std::string_view kind, const Row& row) {
  db::ReportUnreadable("policies", std::string(kind) + "/" + std::to_string(row.version));
}

}  // namespace renxin::policies
