// Rows that wait for something that has not come yet: tried again when it comes, refused when their source is closed or they are too old.

#include <map>
#include <set>

#include "shared/intake/apply.h"
#include "shared/intake/engine.h"
#include "shared/intake/handlers.h"
#include "shared/runtime/roster.h"

namespace renxin::intake {
namespace {

constexpr int kRetryAtOnce = 300;
constexpr std::chrono::milliseconds kBusyPause{300};
constexpr std::chrono::minutes kCloseAgain{1};

constexpr std::size_t kSweepAtOnce = 1'000;

// What stands before and behind the first of these; nothing behind, if there is none.
std::pair<std::string, std::string> CutAt(const std::string& key, char at) {
  const std::size_t cut = key.find(at);
  if (cut == std::string::npos) return {key, {}};
  return {key.substr(0, cut), key.substr(cut + 1)};
}

}  // namespace

std::int64_t CountUnderWay(Tx& tx) { return operations::CountRunning(tx, kImportType) + store::CountWaiting(tx); }

void RetryWaiting(Tx& tx, const Engine& engine, const TimerContext& ctx) {
  const auto [kind_name, source] = CutAt(ctx.key, '/');
  const KindSpec* kind = engine.Find(kind_name);
  if (kind == nullptr) return;
  store::HeldRows due = store::DueWaiting(tx, ctx.env, kind_name, source, ctx.now, kRetryAtOnce);
  if (due.rows.empty() && due.others) return db::Schedule(tx, "import.retry", ctx.key, ctx.now.Plus(kBusyPause));
  if (due.rows.empty()) {
    // Woken early for another's sake: a second look that is still to come is not forgotten.
    const auto next = tx.First<std::int64_t>(
        "select retry_at from waiting_rows where kind = :kind and source = :source and retry_at is not null order by retry_at limit 1",
        {{"kind", kind_name}, {"source", source}});
    if (next) db::Schedule(tx, "import.retry", ctx.key, {std::get<0>(*next)});
    return;
  }
  ApplyWaiting(tx, engine, *kind, source, std::move(due.rows), ctx.env, ctx.now);
  db::Schedule(tx, "import.retry", ctx.key, due.others ? ctx.now.Plus(kBusyPause) : ctx.now);
}

void ScheduleWake(Tx& tx, const std::string& of, const std::string& number, Instant now) {
  db::Schedule(tx, "import.wake", of + '\n' + number, now);
}

void WakeMore(Tx& tx, const Engine& engine, const TimerContext& ctx) {
  const auto [of, number] = CutAt(ctx.key, '\n');
  const auto [needs_kind, source] = CutAt(of, '/');
  engine.Arrived(tx, source, needs_kind, {number}, ctx.now);
}

void SweepWaiting(Tx& tx, const TimerContext& ctx) {
  const auto [of, after] = CutAt(ctx.key, '\n');
  const auto [needs_kind, source] = CutAt(of, '/');
  std::vector<std::string> numbers;
  for (auto& [no] : tx.Select<std::string>("select distinct needs_no from waiting_rows where source = :source and needs_kind = :needs and "
                                           "needs_no > :after order by needs_no limit " +
                                               std::to_string(kSweepAtOnce),
                                           {{"source", source}, {"needs", needs_kind}, {"after", after}})) {
    numbers.push_back(no);
  }
  std::vector<std::string> there;
  for (auto& [no, id] : db::ResolveAliases(tx, needs_kind, source, numbers)) there.push_back(no);
  const store::Woken woken = store::Wake(tx, source, needs_kind, there, ctx.now);
  for (const std::string& kind : woken.kinds) db::Schedule(tx, "import.retry", kind + "/" + source, ctx.now);
  if (woken.more) {
    for (const std::string& no : there) ScheduleWake(tx, of, no, ctx.now);
  }
  if (numbers.size() == kSweepAtOnce) db::Schedule(tx, "import.sweep", of + '\n' + numbers.back(), ctx.now);
}

CloseResult CloseWaiting(Tx& tx, const Engine& engine, const Environment& env, const std::string& kind_name, const std::string& source,
                         const std::set<std::string>& known_elsewhere, Instant until, Instant now, store::Busy busy) {
  constexpr int kAtOnce = 500;
  CloseResult result;
  const KindSpec* kind = engine.Find(kind_name);
  if (kind == nullptr) return result;
  std::map<std::string, std::vector<std::string>> needs;
  const std::vector<store::WaitingRow> rows = store::WaitingSince(tx, env, kind_name, source, until, busy, kAtOnce).rows;
  for (const store::WaitingRow& row : rows) needs[row.needs_kind].push_back(row.needs_no);
  std::set<std::string> known = known_elsewhere;
  for (const auto& [needs_kind, numbers] : needs) {
    for (const store::Known& key : store::Keys(tx, needs_kind, source, numbers)) known.insert(needs_kind + "/" + key.no);
    for (const auto& [no] :
         tx.SelectIn<std::string>("select outside_no from aliases where kind = :kind and source = :source and outside_no in (:keys)",
                                  numbers, {{"kind", needs_kind}, {"source", source}})) {
      known.insert(needs_kind + "/" + no);
    }
    if (needs_kind != "staff") continue;
    for (const auto& [no, id] : runtime::StaffByNumber(tx, source, numbers)) known.insert("staff/" + no);
  }
  std::vector<std::string> refused;
  std::vector<std::string> again;
  std::map<std::string, std::int64_t> by_operation;
  for (const store::WaitingRow& row : rows) {
    if (known.contains(row.needs_kind + "/" + row.needs_no)) {
      again.push_back(row.no);
      continue;
    }
    store::StoreRefused(tx, env, row.operation_id, row.record, row.field + ": not known: " + row.needs_no, now);
    ++by_operation[row.operation_id];
    refused.push_back(row.no);
  }
  store::DropWaiting(tx, kind_name, source, refused);
  for (const auto& [id, count] : by_operation) {
    auto op = store::Load(tx, id, true);
    if (!op) continue;
    op->report.set_waiting(op->report.waiting() - count);
    op->report.set_refused(op->report.refused() + count);
    store::Save(tx, *op);
  }
  if (!again.empty()) {
    store::SetRetry(tx, kind_name, source, again, now);
    db::Schedule(tx, "import.retry", kind_name + "/" + source, now);
  }
  result.refused = static_cast<std::int64_t>(refused.size());
  result.still_waiting = store::CountWaiting(tx, kind_name, source);
  return result;
}

void CloseOld(Tx& tx, const Engine& engine, const TimerContext& ctx) {
  const auto [kind, source] = CutAt(ctx.key, '/');
  CloseWaiting(tx, engine, ctx.env, kind, source, {}, ctx.now.Plus(-kWaitsFor), ctx.now, store::Busy::kSkipped);
  const std::optional<Instant> oldest = store::OldestWaiting(tx, kind, source);
  if (!oldest) return;
  // Younger ones, more than one page, or some that exist and will be applied.
  db::Schedule(tx, "import.close", ctx.key, std::max(oldest->Plus(kWaitsFor), ctx.now.Plus(kCloseAgain)));
}

}  // namespace renxin::intake
