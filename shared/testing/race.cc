#include "shared/testing/race.h"

#include <future>
#include <memory>
#include <stdexcept>

#include "shared/db/session.h"
#include "shared/testing/databases.h"

namespace renxin::testing {
namespace {

constexpr int kRunsMax = 8;
constexpr std::chrono::seconds kLimit{20};

// As a lane does it; answers how often it ran.
int RunAsLane(db::Session& session, const std::function<void(db::Tx&)>& job) {
  for (int run = 1;; ++run) {
    try {
      db::Tx tx(session, false);
      job(tx);
      tx.Commit();
      return run;
    } catch (const db::DbError& error) {
      if (error.kind() != db::ErrorKind::kRetry || run == kRunsMax) throw;
    }
  }
}

std::string BackendOf(db::Session& session) {
  db::Tx tx(session, true);
  return std::get<0>(*tx.First<std::string>("select cast(pg_backend_pid() as text)"));
}

bool WaitsForLock(db::Session& watcher, const std::string& backend) {
  db::Tx tx(watcher, true);
  return tx
      .First<std::int64_t>("select cast(pid as bigint) from pg_stat_activity where pid = cast(:pid as int) and wait_event_type = 'Lock'",
                           {{"pid", backend}})
      .has_value();
}

}  // namespace

Raced Race(const std::string& url, std::string_view at, const std::function<void(db::Tx&)>& first,
           const std::function<void(db::Tx&)>& second) {
  Raced raced;
  db::Session one(url);
  if (one.dialect() == db::Dialect::kSqlite) {
    raced.first_runs = RunAsLane(one, first);
    raced.second_runs = RunAsLane(one, second);
    return raced;
  }
  db::Session two(url);
  db::Session watcher(url);
  const std::string backend = BackendOf(two);
  std::future<int> other;
  const auto ended = [&] { return other.wait_for(std::chrono::seconds(0)) == std::future_status::ready; };
  one.ObserveStatements([&](std::string_view sql) {
    if (raced.stopped || sql.find(at) == std::string_view::npos) return;
    raced.stopped = true;
    other = std::async(std::launch::async, [&] { return RunAsLane(two, second); });
    const bool settled = Eventually(kLimit, [&] {
      if (ended()) return true;
      raced.second_waited = WaitsForLock(watcher, backend);
      return raced.second_waited;
    });
    if (!settled) throw std::runtime_error("the second job neither ended nor waited");
  });
  raced.first_runs = RunAsLane(one, first);
  if (!raced.stopped) throw std::runtime_error("no statement of the first job holds: " + std::string(at));
  raced.second_runs = other.get();
  return raced;
}

}  // namespace renxin::testing
