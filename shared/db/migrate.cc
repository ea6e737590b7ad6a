#include "shared/db/migrate.h"

#include <algorithm>
#include <stdexcept>

#include "shared/core/text.h"
#include "shared/core/time.h"
#include "shared/db/session.h"
#include "shared/db/tx.h"
#include "shared/privacy/seal.h"

namespace renxin::db {
namespace {

// Any number will do as long as it is ours alone.
constexpr std::int64_t kAdvisoryLock = 7'364'201'118;

constexpr std::string_view kTable =
    "create table if not exists migrations (name text primary key, checksum text not null, applied_at bigint not null)";

bool TakeMarked(std::string_view mark, std::string_view line, std::string* out) {
  if (line.substr(0, mark.size()) != mark) return false;
  *out = std::string(line.substr(mark.size()));
  return true;
}

}  // namespace

std::vector<std::string> Statements(std::string_view sql, bool sqlite, std::string_view app_role) {
  std::vector<std::string> statements;
  std::string current;
  for (const std::string& raw : SplitText(sql, '\n')) {
    std::string line = raw;
    std::string marked;
    if (TakeMarked("-- pg:", line, &marked)) {
      if (sqlite) continue;
      line = marked;
    } else if (TakeMarked("-- sqlite:", line, &marked)) {
      if (!sqlite) continue;
      line = marked;
    } else if (Trim(line).substr(0, 2) == "--") {
      continue;
    }
    for (std::size_t at = line.find("{app}"); at != std::string::npos; at = line.find("{app}")) line.replace(at, 5, app_role);
    current += (current.empty() ? "" : "\n") + line;
    const std::string_view trimmed = Trim(current);
    if (!trimmed.empty() && trimmed.back() == ';') {
      statements.emplace_back(trimmed.substr(0, trimmed.size() - 1));
      current.clear();
    }
  }
  if (!Trim(current).empty()) statements.emplace_back(Trim(current));
  return statements;
}

void Migrate(const std::string& url, const std::string& app_url, const std::vector<Migration>& migrations) {
  Session session(url);
  const bool sqlite = session.dialect() == Dialect::kSqlite;
  Tx tx(session, false);
  HoldMigrationLock(tx);
  if (!sqlite) tx.Exec("set local statement_timeout = 600000");
  tx.Exec(kTable);
  for (const Migration& migration : migrations) {
    const std::string checksum = privacy::Sha256(migration.sql);
    const auto row = tx.First<std::string>("select checksum from migrations where name = :name", {{"name", migration.name}});
    if (row) {
      if (std::get<0>(*row) != checksum)
        throw std::runtime_error("migration " + std::string(migration.name) + " was changed after it was applied");
      continue;
    }
    for (const std::string& statement : Statements(migration.sql, sqlite, UserOf(app_url))) tx.Exec(statement);
    tx.Exec("insert into migrations (name, checksum, applied_at) values (:name, :checksum, :at)",
            {{"name", migration.name}, {"checksum", checksum}, {"at", SystemNow().micros}});
  }
  tx.Commit();
}

void HoldMigrationLock(Tx& tx) {
  if (tx.dialect() == Dialect::kSqlite) return;  // it has one writer
  // All services of a database start at once, and a migration may take longer than a request may.
  tx.Exec("set local lock_timeout = 60000");
  tx.Exec("set local statement_timeout = 60000");
  tx.Select<std::string>("select cast(pg_advisory_xact_lock(:lock) as text)", {{"lock", kAdvisoryLock}});
}

void RequireDurable(const std::string& url) {
  if (IsSqlite(url)) return;  // the session sets synchronous=FULL itself
  Session session(url);
  Tx tx(session, true);
  for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes"}) {
    const auto row = tx.First<std::string>("select setting from pg_settings where name = :name", {{"name", setting}});
    if (!row || std::get<0>(*row) != "on") throw std::runtime_error(std::string("PostgreSQL runs with ") + setting + " off: refused");
  }
}

}  // namespace renxin::db
