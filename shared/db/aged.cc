#include "shared/db/aged.h"

#include <algorithm>
#include <string>

namespace renxin::db {
namespace {

std::string And(const Aged& aged) { return aged.where.empty() ? std::string() : " and " + std::string(aged.where); }

// By their place in the table, whatever its key is.
std::string Which(const Tx& tx, const std::string& some) {
  if (tx.dialect() == Dialect::kSqlite) return "rowid in (select rowid" + some + ")";
  return "ctid = any(array(select ctid" + some + std::string(tx.ForUpdateSkipLocked()) + "))";
}

}  // namespace

std::optional<Instant> OldestOf(Tx& tx, const Aged& aged, Instant from) {
  const std::string at(aged.at);
  const auto row = tx.First<std::int64_t>("select cast(" + at + " as bigint) from " + std::string(aged.table) + " where " + at +
                                              " >= :from" + And(aged) + " order by " + at + " limit 1",
                                          {{"from", from.micros}});
  if (!row) return std::nullopt;
  return Instant{std::get<0>(*row)};
}

Batch DeleteOldest(Tx& tx, const Aged& aged, Instant from, Instant until, int limit) {
  const std::string at(aged.at);
  const std::string table(aged.table);
  const std::string some = " from " + table + " where " + at + " >= :from and " + at + " < :until" + And(aged) + " order by " + at +
                           " limit " + std::to_string(limit);
  Batch batch{.rows = 0, .last = from};
  for (const auto& [time] :
       tx.ExecReturning<std::int64_t>("delete from " + table + " where " + Which(tx, some) + " returning cast(" + at + " as bigint)",
                                      {{"from", from.micros}, {"until", until.micros}})) {
    ++batch.rows;
    batch.last = std::max(batch.last, Instant{time});
  }
  return batch;
}

std::int64_t DeleteSome(Tx& tx, std::string_view table, std::string_view where, const Binds& binds, int limit) {
  const std::string some = " from " + std::string(table) + " where " + std::string(where) + " limit " + std::to_string(limit);
  return tx.Exec("delete from " + std::string(table) + " where " + Which(tx, some), binds);
}

}  // namespace renxin::db
