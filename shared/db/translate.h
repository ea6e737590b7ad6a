#pragma once
// Turns SOCI's exceptions into DbError. Included by the .cc files of shared/db alone.

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <string>
#include <utility>

#include "shared/db/error.h"

namespace renxin::db {

inline ErrorKind KindOfState(const std::string& state) {
  if (state.rfind("08", 0) == 0 || state.rfind("57P", 0) == 0 || state.rfind("53300", 0) == 0) return ErrorKind::kLost;
  if (state == "40001" || state == "40P01" || state == "55P03" || state == "57014") return ErrorKind::kRetry;
  // A prepared statement that a migration changed under us: it is prepared again.
  if (state == "0A000") return ErrorKind::kRetry;
  if (state.rfind("23", 0) == 0) return ErrorKind::kConstraint;
  if (state == "53100") return ErrorKind::kFull;
  return ErrorKind::kOther;
}

inline ErrorKind KindOfResult(int result) {
  switch (result & 0xFF) {
    case 5:  // busy
    case 6:  // locked
      return ErrorKind::kRetry;
    case 19:  // constraint
      return ErrorKind::kConstraint;
    case 13:  // full
      return ErrorKind::kFull;
    case 10:  // I/O error
    case 14:  // cannot open
      return ErrorKind::kLost;
    default:
      return ErrorKind::kOther;
  }
}

template <class Function>
auto Translate(Function function) {
  try {
    return function();
  } catch (const soci::postgresql_soci_error& error) {
    throw DbError(KindOfState(error.sqlstate()), error.sqlstate());
  } catch (const soci::sqlite3_soci_error& error) {
    throw DbError(KindOfResult(error.result()), "sqlite " + std::to_string(error.result()));
  } catch (const soci::soci_error& error) {
    // A connect that failed has neither state nor result. Everything else of this kind is our own
    // misuse of SOCI (a name that is not in the statement) and shows in the tests.
    const std::string text = error.what();
    const bool connect = text.find("connect") != std::string::npos || text.find("open database") != std::string::npos;
    throw DbError(connect ? ErrorKind::kLost : ErrorKind::kOther, connect ? "connect" : "soci");
  }
}

}  // namespace renxin::db
