#include "shared/db/session.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <boost/url.hpp>

#include "shared/db/statement_log.h"
#include "shared/db/statements.h"
#include "shared/db/translate.h"

namespace renxin::db {

bool IsSqlite(const std::string& url) { return url.rfind("sqlite:", 0) == 0; }

std::string UserOf(const std::string& url) {
  if (IsSqlite(url)) return {};
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) throw std::invalid_argument("RENXIN_DATABASE_URL is neither sqlite:PATH nor postgresql://…");
  return parsed->user();
}

Session::Session(const std::string& url, Plans plans) {
  Translate([&] {
    if (IsSqlite(url)) {
      ConnectSqlite(url.substr(7));
    } else {
      ConnectPostgres(url, plans);
    }
  });
  statements_ = std::make_unique<PreparedStatements>(*sql_, dialect_);
}

Session::~Session() = default;

void Session::ConnectSqlite(const std::string& path) {
  dialect_ = Dialect::kSqlite;
  sql_ = std::make_unique<soci::session>(soci::sqlite3, "db=" + path + " timeout=5");
  for (const char* pragma : {"pragma journal_mode=wal", "pragma synchronous=full", "pragma foreign_keys=on", "pragma busy_timeout=5000",
                             "pragma cache_size=-16000", "pragma wal_autocheckpoint=8000"}) {
    *sql_ << pragma;
  }
  LogStatements(*sql_);
}

void Session::ConnectPostgres(const std::string& url, Plans plans) {
  dialect_ = Dialect::kPostgres;
  std::string limits = url.find('?') == std::string::npos ? "?" : "&";
  limits +=
      "connect_timeout=3&tcp_user_timeout=5000&keepalives_idle=10"
      "&options=-c%20statement_timeout%3D10000%20-c%20idle_in_transaction_session_timeout%3D10000%20-c%20lock_timeout%3D1000"
      "%20-c%20client_min_messages%3Dwarning";
  if (plans == Plans::kCustom) limits += "%20-c%20plan_cache_mode%3Dforce_custom_plan";
  if (plans == Plans::kGeneric) limits += "%20-c%20plan_cache_mode%3Dforce_generic_plan%20-c%20enable_seqscan%3Doff";
  sql_ = std::make_unique<soci::session>(soci::postgresql, url + limits);
}

void Session::WatchLog(std::function<void(int pages)> grown) {
  log_grown_ = std::move(grown);
  const auto hook = [](void* self, sqlite_api::sqlite3*, const char*, int pages) {
    static_cast<Session*>(self)->log_grown_(pages);
    return 0;
  };
  sqlite_api::sqlite3_wal_hook(static_cast<soci::sqlite3_session_backend*>(sql_->get_backend())->conn_, hook, this);
}

void Session::Checkpoint() noexcept {
  // Busy is no failure: what is being read stays in the log until the next time.
  sqlite_api::sqlite3_wal_checkpoint_v2(static_cast<soci::sqlite3_session_backend*>(sql_->get_backend())->conn_, nullptr, 0, nullptr,
                                        nullptr);
}

std::vector<std::string_view> Session::ColumnTypes(const InsertSpec& spec) {
  auto& known = types_[std::string(spec.table)];
  if (known.empty()) {
    const Value table{std::string(spec.table)};
    constexpr detail::ColumnKind kTexts[] = {detail::ColumnKind::kText, detail::ColumnKind::kText};
    Statement asked{.sql =
                        "select cast(column_name as text), cast(data_type as text) from information_schema.columns where table_schema = "
                        "current_schema() and table_name = :table limit 1000",
                    .parameters = {{"table", &table}},
                    .columns = {kTexts, 2},
                    .row = [&](std::vector<detail::Cell>& cells) { known[cells[0].text] = cells[1].text; }};
    Run(&asked);
  }
  std::vector<std::string_view> out;
  out.reserve(spec.columns.size());
  for (const std::string_view column : spec.columns) {
    const auto found = known.find(column);
    if (found == known.end()) throw std::logic_error("no column " + std::string(column) + " in " + std::string(spec.table));
    out.emplace_back(found->second);
  }
  return out;
}

void Session::Listen() {
  Translate([&] { *sql_ << "listen renxin"; });
}

int Session::socket() const { return PQsocket(static_cast<soci::postgresql_session_backend*>(sql_->get_backend())->conn_); }

std::vector<std::string> Session::Notifications() {
  PGconn* connection = static_cast<soci::postgresql_session_backend*>(sql_->get_backend())->conn_;
  if (PQconsumeInput(connection) != 1) throw DbError(ErrorKind::kLost, "notifications");
  std::vector<std::string> payloads;
  while (PGnotify* notify = PQnotifies(connection)) {
    payloads.emplace_back(notify->extra);
    PQfreemem(notify);
  }
  return payloads;
}

void Session::Begin(bool read_only) {
  if (dialect_ == Dialect::kPostgres && !read_only) {
    begin_waits_ = true;
    return;
  }
  Translate([&] {
    if (dialect_ == Dialect::kSqlite) {
      // Deferred would fail at once when a reader turns writer in spite of the timeout.
      *sql_ << (read_only ? "begin" : "begin immediate");
    } else {
      *sql_ << "begin isolation level repeatable read read only";
    }
  });
  Ran("begin");
}

void Session::RunTogether(std::vector<Statement>* statements, const char* after) {
  const bool begins = std::exchange(begin_waits_, false);
  Translate([&] { statements_->RunTogether(begins ? "begin" : nullptr, statements, after); });
  if (begins) Ran("begin");
  for (const Statement& statement : *statements) Ran(statement.sql);
}

void Session::Run(std::vector<Statement>* statements) {
  if (dialect_ == Dialect::kPostgres && (statements->size() > 1 || begin_waits_)) return RunTogether(statements, nullptr);
  for (Statement& statement : *statements) {
    Translate([&] { statements_->Run(&statement); });
    Ran(statement.sql);
  }
}

void Session::Run(Statement* statement) {
  std::vector<Statement> one;
  one.push_back(std::move(*statement));
  Run(&one);
  *statement = std::move(one.front());
}

// PostgreSQL answers ROLLBACK to the COMMIT of an aborted transaction, and nobody looks.
void Session::RequireOpen() const {
  auto* backend = static_cast<soci::postgresql_session_backend*>(sql_->get_backend());
  if (PQtransactionStatus(backend->conn_) != PQTRANS_INTRANS) throw DbError(ErrorKind::kOther, "aborted");
}

void Session::RunAndCommit(std::vector<Statement>* statements) {
  if (!begin_waits_) RequireOpen();
  try {
    RunTogether(statements, "commit");
    Ran("commit");
  } catch (DbError& error) {
    error.commit_unknown = error.kind() == ErrorKind::kLost;
    throw;
  }
  GiveBack();
}

void Session::Commit() {
  if (std::exchange(begin_waits_, false)) return GiveBack();  // nothing was run
  if (dialect_ == Dialect::kPostgres) RequireOpen();
  try {
    Translate([&] { *sql_ << "commit"; });
    Ran("commit");
  } catch (DbError& error) {
    error.commit_unknown = error.kind() == ErrorKind::kLost;
    throw;
  }
  GiveBack();
}

void Session::GiveBack() noexcept {
  try {
    statements_->GiveBack();
  } catch (...) {
    healthy_ = false;  // what was done stands all the same
  }
}

void Session::Rollback() noexcept {
  try {
    if (std::exchange(begin_waits_, false)) return GiveBack();  // nothing was run
    *sql_ << "rollback";
    Ran("rollback");
    if (dialect_ == Dialect::kPostgres) {
      auto* backend = static_cast<soci::postgresql_session_backend*>(sql_->get_backend());
      if (PQtransactionStatus(backend->conn_) != PQTRANS_IDLE) healthy_ = false;
      statements_->GiveBack();
    }
  } catch (...) {
    healthy_ = false;
  }
}

}  // namespace renxin::db
