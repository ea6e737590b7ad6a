#pragma once
// Migrations: numbered, checksummed, embedded in the binary, applied once under a lock, with the
// owner's role; `{app}` in a statement is the name of the role that the service itself runs as.

#include <string>
#include <string_view>
#include <vector>

namespace renxin::db {

class Tx;

struct Migration {
  std::string_view name;  // 0001_platform.sql; ordered by it
  std::string_view sql;
};

// The statements of a file for one dialect: lines `-- pg:` and `-- sqlite:` count for that one alone,
// other comment lines are dropped (an apostrophe in one confuses SOCI), a statement ends with a line
// that ends in `;`.
std::vector<std::string> Statements(std::string_view sql, bool sqlite, std::string_view app_role);

// Applies what is missing. `app_url` names the role to grant to (on SQLite: unused). Throws
// std::runtime_error when an applied file was changed afterwards, DbError when the database fails.
void Migrate(const std::string& url, const std::string& app_url, const std::vector<Migration>& migrations);

// Until the end of the transaction nobody else migrates or prepares this database (PostgreSQL; SQLite has one writer).
// Waits for a minute, and so may the statements after it.
void HoldMigrationLock(Tx& tx);

// Refuses to run on a PostgreSQL that may forget what it acknowledged. Throws std::runtime_error.
void RequireDurable(const std::string& url);

// The tables that every service has (outbox, inbox, timers …).
std::vector<Migration> PlatformMigrations();

}  // namespace renxin::db
