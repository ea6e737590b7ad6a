#include "shared/runtime/failed_timers.h"

#include "shared/contract/page.h"
#include "shared/db/platform_tables.h"
#include "shared/db/rows.h"

namespace renxin::runtime {
namespace {

struct FailedRow {
  std::string kind;
  std::string key;
  std::int64_t attempts = 0;
  std::string failure;
  Instant failed_at;
};
const db::Rows<FailedRow> kFailedRows("timers", {{"kind", &FailedRow::kind},
                                                 {"key", &FailedRow::key},
                                                 {"attempts", &FailedRow::attempts},
                                                 {"failure", &FailedRow::failure},
                                                 {"failed_at", &FailedRow::failed_at}});

const contract::List kFailedTimerList{"failed_timers", {contract::KeyPart::kNumber}};

ops::v1::FailedTimer ToProto(const FailedRow& row) {
  ops::v1::FailedTimer out;
  out.set_kind(row.kind);
  out.set_key(row.key);
  out.set_attempts(row.attempts);
  out.set_failure(row.failure);
  out.set_failed_at(FormatTime(row.failed_at));
  return out;
}

}  // namespace

Result<ops::v1::ListFailedTimersResponse> ListFailedTimers(Tx& tx, const ops::v1::ListFailedTimersRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(kFailedTimerList, req));
  std::string where = "where failed_at is not null";
  db::Binds binds;
  if (!page.first()) {
    where += " and failed_at > :at";
    binds = {{"at", page.Number(0)}};
  }
  where += " order by failed_at limit " + std::to_string(page.fetch());
  const auto cut = contract::Cut(kFailedTimerList, page, kFailedRows.Select(tx, where, binds),
                                 [](const FailedRow& row) { return std::vector<std::string>{std::to_string(row.failed_at.micros)}; });
  ops::v1::ListFailedTimersResponse out;
  for (const FailedRow& row : cut.rows) *out.add_timers() = ToProto(row);
  out.set_next_page_token(cut.next_page_token);
  return out;
}

Result<ops::v1::FailedTimer> RetryTimer(Tx& tx, const CallContext& ctx, const ops::v1::RetryTimerRequest& req) {
  const auto rows = kFailedRows.Select(tx, "where kind = :kind and key = :key and failed_at is not null" + std::string(tx.ForUpdate()),
                                       {{"kind", req.kind()}, {"key", req.key()}});
  if (rows.empty()) return NotFound("failed timer");
  db::Schedule(tx, req.kind(), req.key(), ctx.now);
  db::AppendHistory(tx, {"timer", req.kind() + "/" + req.key(), ctx.now, ctx.caller.username, "given up", "due", ""});
  return ToProto(rows.front());
}

}  // namespace renxin::runtime
