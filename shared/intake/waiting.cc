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
constexpr std::int64_t kDayMicros = std::int64_t{24} * 3'600 * 1'000'000;

std::pair<std::string, std::string> KindAndSource(const std::string& key) {
  const std::size_t slash = key.find('/');
  return {key.substr(0, slash), key.substr(slash + 1)};
}

}  // namespace

std::int64_t CountUnderWay(Tx& tx) { return operations::CountRunning(tx, kImportType) + store::CountWaiting(tx); }

void RetryWaiting(Tx& tx, const Engine& engine, const TimerContext& ctx) {
  const auto [kind_name, source] = KindAndSource(ctx.key);
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

void SweepWaiting(Tx& tx, const TimerContext& ctx) {
  const auto [needs_kind, source] = KindAndSource(ctx.key);
  std::vector<std::string> kinds;
  for (auto& [kind] :
       tx.Select<std::string>("select distinct kind from waiting_rows where source = :source and needs_kind = :needs limit 20",
                              {{"source", source}, {"needs", needs_kind}})) {
    kinds.push_back(kind);
  }
  if (kinds.empty()) return;
  tx.Exec(
      "update waiting_rows set retry_at = :now where source = :source and needs_kind = :needs and exists "
      "(select 1 from aliases a where a.kind = waiting_rows.needs_kind and a.source = waiting_rows.source and a.outside_no = "
      "waiting_rows.needs_no)",
      {{"now", ctx.now.micros}, {"source", source}, {"needs", needs_kind}});
  for (const std::string& kind : kinds) db::Schedule(tx, "import.retry", kind + "/" + source, ctx.now);
}

CloseResult CloseWaiting(Tx& tx, const Engine& engine, const Environment& env, const std::string& kind_name, const std::string& source,
                         const std::set<std::string>& known_elsewhere, Instant now, store::Busy busy) {
  constexpr int kAtOnce = 500;
  CloseResult result;
  const KindSpec* kind = engine.Find(kind_name);
  if (kind == nullptr) return result;
  std::map<std::string, std::vector<std::string>> needs;
  const std::vector<store::WaitingRow> rows = store::AllWaiting(tx, env, kind_name, source, busy, kAtOnce).rows;
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
    store::StoreRefused(tx, env, row.operation_id, row.record, row.field + ": not known: " + row.needs_no);
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
  const auto [kind, source] = KindAndSource(ctx.key);
  const CloseResult result = CloseWaiting(tx, engine, ctx.env, kind, source, {}, ctx.now, store::Busy::kSkipped);
  // More than one page, or some of it exists and will be applied: look again.
  if (result.still_waiting > 0) db::Schedule(tx, "import.close", ctx.key, ctx.now.Plus(std::chrono::microseconds(kDayMicros / 1440)));
}

}  // namespace renxin::intake
