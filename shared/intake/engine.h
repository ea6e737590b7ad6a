#pragma once
// Imports of a service: `Install` adds the rpcs and timers of ImportService for its kinds.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/intake/kind.h"
#include "shared/intake/pieces.h"
#include "shared/intake/store.h"
#include "shared/operations/runner.h"
#include "shared/runtime/service.h"

namespace renxin::intake {

// Of these numbers that a row waits for, which exist in another service though its event has not come
// yet. Asked before a source is closed, so that nothing is refused for being early.
using RemoteLookup = std::function<Result<std::vector<std::string>>(
    runtime::ServiceClient&, const std::string& source, const std::string& needs_kind, const std::vector<std::string>& numbers)>;

class Engine {
 public:
  explicit Engine(std::string service) : service_(std::move(service)) {}

  Engine& Add(KindSpec kind);
  Engine& SetRemoteLookup(RemoteLookup lookup);
  // The engine must outlive the service. What it imports are operations of the type that it answers.
  operations::Type Install(runtime::Service& service);

  // Something that rows of `source` may wait for has come into being (a staff event, a customer alias).
  void Arrived(Tx& tx, std::string_view source, std::string_view needs_kind, const std::vector<std::string>& numbers, Instant now) const;

  const KindSpec* Find(std::string_view kind) const;
  const std::string& service() const { return service_; }
  const RemoteLookup& remote_lookup() const { return remote_lookup_; }
  Pieces& pieces() const { return pieces_; }

 private:
  std::string service_;
  std::map<std::string, KindSpec, std::less<>> kinds_;
  RemoteLookup remote_lookup_;
  mutable Pieces pieces_;
};

// One step of the operation: reads or applies some records, and writes what it made of them and how far it is in the same transaction.
void ProcessStep(Tx& tx, const Engine& engine, operations::Operation& op, const Environment& env, Instant now);
// What rows of `source` may wait for has come, by an event that comes by the ten thousand: only notes that a look is due soon.
void ArrivedLater(Tx& tx, std::string_view source, std::string_view needs_kind, Instant now);
// C13: imports that run, and rows that wait. An upload that was never completed stands in nobody's way.
std::int64_t CountUnderWay(Tx& tx);
// Rows whose retry is due (timer `import.retry`, key `<kind>/<source>`).
void RetryWaiting(Tx& tx, const Engine& engine, const TimerContext& ctx);
// More rows wait for one number than one transaction should mark: the next of them (timer `import.wake`, key `<needs kind>/<source>`, a
// line end, the number).
void WakeMore(Tx& tx, const Engine& engine, const TimerContext& ctx);
void ScheduleWake(Tx& tx, const std::string& of, const std::string& number, Instant now);
// Wakes the rows whose alias has come (timer `import.sweep`, key `<needs kind>/<source>`; some numbers at a time: the key of the next run
// has a line end and the last number behind it).
void SweepWaiting(Tx& tx, const TimerContext& ctx);
// Refuses what has waited for 24 hours, whatever came meanwhile (timer `import.close`, same key).
void CloseOld(Tx& tx, const Engine& engine, const TimerContext& ctx);

// Refuses the rows of a kind and source that wait since before `until`, but for those that wait for something that exists; `busy`: what is
// done about those whose import somebody else holds.
struct CloseResult {
  std::int64_t refused = 0;
  std::int64_t still_waiting = 0;
};
CloseResult CloseWaiting(Tx& tx, const Engine& engine, const Environment& env, const std::string& kind, const std::string& source,
                         const std::set<std::string>& known_elsewhere, Instant until, Instant now, store::Busy busy);

}  // namespace renxin::intake
