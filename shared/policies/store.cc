#include "shared/policies/store.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>

#include "shared/core/text.h"
#include "shared/db/lookup.h"
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

// The newest version of each kind that this process has read, with those before it. Versions are never edited, so what is known of a kind
// holds until there is another one; their times tell two databases of one process apart.
class Cache {
 public:
  struct Stamp {
    std::int64_t version = 0;
    std::int64_t times = 0;  // created_at of all of them together
    bool operator==(const Stamp&) const = default;
  };
  using Rows = std::shared_ptr<const std::vector<Row>>;

  Rows Find(std::string_view kind, const Stamp& stamp) {
    const std::scoped_lock lock(mutex_);
    const auto found = known_.find(kind);
    return found != known_.end() && found->second.first == stamp ? found->second.second : nullptr;
  }
  void Store(std::string_view kind, const Stamp& stamp, Rows rows) {
    const std::scoped_lock lock(mutex_);
    known_.insert_or_assign(std::string(kind), std::make_pair(stamp, std::move(rows)));
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::pair<Stamp, Rows>, std::less<>> known_;
};

Cache& Known() {
  static Cache cache;
  return cache;
}

const db::Lookup<std::string, std::int64_t, std::int64_t> kNewest(
    {.sql = "select kind, cast(max(version) as bigint), cast(sum(created_at) as bigint) from policies where kind in (:keys) group by kind",
     .table = "policies",
     .key = "kind"});

// All versions, the one that takes effect last first, at most kRowsMax. Asked for once in a transaction, and read only when there is a new
// one.
Cache::Rows All(db::Tx& tx, std::string_view kind) {
  const auto newest = kNewest.GetOnce(tx, {std::string(kind)});
  if (newest.empty()) return std::make_shared<const std::vector<Row>>();
  const Cache::Stamp stamp{std::get<1>(newest.front()), std::get<2>(newest.front())};
  if (auto known = Known().Find(kind, stamp)) return known;
  auto rows = std::make_shared<const std::vector<Row>>(SelectUntil(tx, kind, MakeDay(9999, 12, 31), kRowsMax));
  // Somebody may have added one between the two statements: what is stored holds exactly what the stamp says.
  const auto last = std::max_element(rows->begin(), rows->end(), [](const Row& a, const Row& b) { return a.version < b.version; });
  if (last != rows->end() && last->version == stamp.version) Known().Store(kind, stamp, rows);
  return rows;
}

}  // namespace

std::optional<Row> RowOn(db::Tx& tx, std::string_view kind, Day day) {
  const Cache::Rows all = All(tx, kind);
  const std::string text = FormatDay(day);
  const auto found = std::find_if(all->begin(), all->end(), [&](const Row& row) { return row.effective_from <= text; });
  if (found != all->end()) return *found;
  if (static_cast<int>(all->size()) < kRowsMax) return std::nullopt;
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
