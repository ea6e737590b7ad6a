#pragma once
// What went wrong in a database, decided by SQLSTATE (PostgreSQL) or result code (SQLite). The text
// never holds values: soci_error::what() would (docs: pitfalls of SOCI).

#include <cstdint>
#include <stdexcept>
#include <string>

namespace renxin::db {

enum class ErrorKind : std::uint8_t {
  kLost,        // the connection is gone or could not be made
  kRetry,       // serialization failure, deadlock, lock or busy timeout: run the transaction again
  kConstraint,  // a constraint was broken
  kFull,        // the disk is full
  kLate,        // its deadline passed before it was begun, or between two attempts
  kOther,
};

class DbError : public std::runtime_error {
 public:
  DbError(ErrorKind kind, const std::string& code) : std::runtime_error("database error " + code), kind_(kind), code_(code) {}
  ErrorKind kind() const { return kind_; }
  // It is not the work's fault: tried again, it may succeed.
  bool passes() const { return kind_ != ErrorKind::kConstraint && kind_ != ErrorKind::kOther; }
  const std::string& code() const { return code_; }
  // COMMIT was sent and the connection was lost before its answer: it may stand or not.
  bool commit_unknown = false;

 private:
  ErrorKind kind_;
  std::string code_;
};

}  // namespace renxin::db
