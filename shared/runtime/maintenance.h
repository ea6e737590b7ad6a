#pragma once
// Maintenance: what does not stay for ever is ended in small transactions, the longest due first, on every replica.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "shared/db/aged.h"
#include "shared/db/lane.h"
#include "shared/runtime/loop.h"
#include "shared/runtime/waiter.h"

namespace renxin::runtime {

// One kind of row that has its end.
struct Retention {
  std::string what;           // label of the gauges
  std::chrono::seconds keep;  // from the time by which rows age
  // Of the oldest row there is, over or not. One statement, by an index.
  std::function<std::optional<Instant>(Tx&)> oldest;
  // Ends at most `limit` rows from `from` on that are older than `until`, the oldest first; fewer than `limit`: there are no more. Safe
  // against itself on another replica.
  std::function<db::Batch(Tx&, Instant from, Instant until, int limit)> end;
};
// Deleted, as they are.
Retention DeletedAfter(std::string what, std::chrono::seconds keep, const db::Aged& aged);

struct MaintenanceOptions {
  std::string url;
  std::chrono::milliseconds every{60'000};
  // Rows in one transaction. A batch that takes longer than kBatchLong is followed by a smaller one.
  int batch = 500;
  // How long one kind is worked on before the others have their turn.
  std::chrono::milliseconds turn{5'000};
};

// Metrics: renxin_maintenance_overdue_seconds{what}, how long the oldest row should have been gone (0: none); renxin_maintenance_rows_total
// and renxin_maintenance_failures_total.
class Maintenance final : public Loop {
 public:
  Maintenance(std::vector<Retention> retentions, MaintenanceOptions options, db::Lanes& lanes);
  ~Maintenance() override;
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;
  // Nothing that is committed is due yet.
  void Notify(db::Concerns /*concerns*/) override {}
  void Stop() override;

 private:
  // How far one kind has come in this round.
  struct Turn {
    const Retention* retention;
    int batch;
    Instant from = db::kBeginning;
  };
  void Loop();
  void Round();
  // True when it must be taken up again.
  bool WorkOn(Turn* turn);
  // Its oldest row, which the gauge shows.
  std::optional<Instant> Sample(const Retention& retention);

  const std::vector<Retention> retentions_;
  const MaintenanceOptions options_;
  db::Lanes& lanes_;
  std::unique_ptr<db::Session> session_;
  Waiter waiter_;
  std::thread thread_;
};

}  // namespace renxin::runtime
