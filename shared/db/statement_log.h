#pragma once
// Test builds: every statement that runs on a SQLite connection, with its values, into RENXIN_STATEMENT_LOG; for the bench
// that replays them. Nothing happens without that variable, and nothing at all in a release.

namespace soci {
class session;
}

namespace renxin::db {

#ifdef RENXIN_CRASH_POINTS
// One line a statement: the connection, a tab, the statement on one line.
void LogStatements(soci::session& sqlite);
#else
inline void LogStatements(soci::session& /*sqlite*/) {}
#endif

}  // namespace renxin::db
