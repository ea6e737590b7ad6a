#pragma once
// One batch of records through its kind's apply: unchanged ones are left out before, outcomes are
// written down after.

#include "shared/intake/engine.h"
#include "shared/intake/import.h"

namespace renxin::intake {

// How long a row waits for what it names.
constexpr std::chrono::hours kWaitsFor{24};
// Unless that timer is scheduled already.
void ScheduleFirst(Tx& tx, std::string kind, std::string key, Instant due);

// `op` gets the counts; `first_time` tells records read from a file from rows that waited.
void ApplyRecords(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, std::vector<Record> records,
                  const Environment& env, Instant now);

// What became of rows that waited: moves the counts of the operations they came with.
void ApplyWaiting(Tx& tx, const Engine& engine, const KindSpec& kind, const std::string& source, std::vector<store::WaitingRow> rows,
                  const Environment& env, Instant now);

}  // namespace renxin::intake
