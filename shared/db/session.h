#pragma once
// One connection. Never reconnected (SOCI leaves dangling statements): a session that failed is
// dropped and a new one opened.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/db/statement.h"
#include "shared/db/tx.h"

namespace soci {
class session;
}

namespace renxin::db {

class PreparedStatements;

// Of prepared statements on PostgreSQL.
enum class Plans {
  kChosen,   // by the server: for lists whose filters want different ones
  kCustom,   // for every execution: for imports and events, with hundreds of keys a statement, under which tables grow from nothing: a plan
             // that was made while they were empty looks at every row
  kGeneric,  // made once: the commands of requests ask by keys, and planning costs as much as running. Never by reading a whole table where
             // there is an index: a plan that was made while it was empty would stay.
};

class Session {
 public:
  // `sqlite:PATH` or `postgresql://…`. Throws DbError{kLost} when it cannot be reached within 3 s.
  explicit Session(const std::string& url, Plans plans = Plans::kChosen);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Dialect dialect() const { return dialect_; }
  // A failed session must not be used again.
  bool healthy() const { return healthy_; }
  void MarkFailed() { healthy_ = false; }

  // Read-only: every statement reads what was committed before the first one (PostgreSQL: repeatable read).
  void Begin(bool read_only);
  void Commit();
  void Rollback() noexcept;
  // Outside of a transaction: the server's part of statements that are kept no longer.
  void GiveBack() noexcept;

  // Of a transaction, or of none; sets `affected`. On PostgreSQL the `begin` of a transaction that writes goes with its first statements,
  // and several go in one round trip. They throw DbError.
  void Run(Statement* statement);
  void Run(std::vector<Statement>* statements);
  // PostgreSQL: the last of a transaction together with its commit: what they must not do, they refuse themselves, as nobody looks in
  // between.
  void RunAndCommit(std::vector<Statement>* statements);

  // SQLite, for Checkpointer. `grown` is called after every commit of this session with the number of pages in the log, on the committing
  // thread; the session does not copy them by itself then. Checkpoint copies what nobody reads any more, without waiting; a failure is not
  // thrown.
  void WatchLog(std::function<void(int pages)> grown);
  void Checkpoint() noexcept;

  // PostgreSQL, for Listener: begins to listen; what to wait on; the payloads that have arrived. They throw DbError{kLost}.
  void Listen();
  int socket() const;
  std::vector<std::string> Notifications();

  // PostgreSQL: the types of the columns of an insert, asked for once for each table.
  std::vector<std::string_view> ColumnTypes(const InsertSpec& spec);

#ifdef RENXIN_CRASH_POINTS
  // Test builds: called after every statement with its text, so that a race can be stopped inside a store function
  // (shared/testing/race.h).
  void ObserveStatements(std::function<void(std::string_view)> observer) { observer_ = std::move(observer); }
  void Ran(std::string_view sql) const {
    ++statements_run;
    if (observer_) observer_(sql);
  }
  // Of all sessions of this process, with begin, commit and rollback.
  static inline std::atomic<std::int64_t> statements_run{0};
#else
  void Ran(std::string_view /*sql*/) const {}
#endif

 private:
  void RunTogether(std::vector<Statement>* statements, const char* after);
  void RequireOpen() const;
  void ConnectSqlite(const std::string& path);
  void ConnectPostgres(const std::string& url, Plans plans);

  Dialect dialect_ = Dialect::kSqlite;
  bool healthy_ = true;
  std::function<void(int)> log_grown_;
  bool begin_waits_ = false;  // for the first statement
  std::unique_ptr<soci::session> sql_;
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> types_;  // table, column
  std::unique_ptr<PreparedStatements> statements_;                                             // after the connection: ends before it
#ifdef RENXIN_CRASH_POINTS
  std::function<void(std::string_view)> observer_;
#endif
};

// The user of a postgresql:// url; empty for SQLite.
std::string UserOf(const std::string& url);
bool IsSqlite(const std::string& url);

}  // namespace renxin::db
