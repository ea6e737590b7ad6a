#pragma once
// Two jobs that race for the same rows, made to collide where it hurts.

#include <functional>
#include <string>
#include <string_view>

#include "shared/db/tx.h"

namespace renxin::testing {

struct Raced {
  bool stopped = false;        // the first job ran the statement it was to be stopped after
  bool second_waited = false;  // the second waited for a lock of the first's
  int first_runs = 0;          // more than 1: it was run again after DbError{kRetry}
  int second_runs = 0;
};

// PostgreSQL, two sessions: `first` is stopped right after its first statement whose text holds `at`, inside whatever store
// function that is; then `second` runs until it has committed or waits for a lock that `first` holds; then `first` goes
// on. Each is committed, and run again from its beginning after DbError{kRetry}, as a lane does (at most 8 times). Any
// other exception is thrown here. On SQLite, which has one writer, `first` runs before `second`.
Raced Race(const std::string& url, std::string_view at, const std::function<void(db::Tx&)>& first,
           const std::function<void(db::Tx&)>& second);

}  // namespace renxin::testing
