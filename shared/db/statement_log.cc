#include "shared/db/statement_log.h"

#ifdef RENXIN_CRASH_POINTS

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "shared/core/variables.h"

namespace renxin::db {
namespace {

std::FILE* Log() {
  static std::FILE* const log = [] {
    const std::string path = Variable("RENXIN_STATEMENT_LOG");
    return path.empty() ? nullptr : std::fopen(path.c_str(), "ae");
  }();
  return log;
}

int Traced(unsigned /*event*/, void* connection, void* statement, void* text) {
  // A trigger's start is logged as well, as a comment.
  if (std::strncmp(static_cast<const char*>(text), "--", 2) == 0) return 0;
  char* expanded = sqlite_api::sqlite3_expanded_sql(static_cast<sqlite_api::sqlite3_stmt*>(statement));
  if (expanded == nullptr) return 0;
  std::string line(expanded);
  sqlite_api::sqlite3_free(expanded);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::fprintf(Log(), "%p\t%s\n", connection, line.c_str());
  std::fflush(Log());
  return 0;
}

}  // namespace

void LogStatements(soci::session& sqlite) {
  if (Log() == nullptr) return;
  auto* backend = static_cast<soci::sqlite3_session_backend*>(sqlite.get_backend());
  sqlite_api::sqlite3_trace_v2(backend->conn_, SQLITE_TRACE_STMT, Traced, backend->conn_);
}

}  // namespace renxin::db

#endif
