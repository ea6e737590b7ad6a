#include "shared/runtime/rewind.h"

#include "shared/core/crash.h"

namespace renxin::runtime {
namespace {

constexpr int kBatch = 2'000;

}  // namespace

std::map<std::string, std::int64_t> HighestPlaces(db::Session& session) {
  std::map<std::string, std::int64_t> out;
  std::string after;
  for (;;) {
    const auto found = db::Tx(session, true, db::Reads::kStatement)
                           .First<std::string>(
                               "select stream_epoch from outbox where stream_seq is not null and stream_epoch > :after "
                               "order by stream_epoch limit 1",
                               {{"after", after}});
    if (!found) return out;
    after = std::get<0>(*found);
    const auto top = db::Tx(session, true, db::Reads::kStatement)
                         .First<std::int64_t>(
                             "select stream_seq from outbox where stream_seq is not null and stream_epoch = :epoch order "
                             "by stream_seq desc limit 1",
                             {{"epoch", after}});
    if (top) out.emplace(after, std::get<0>(*top));
  }
}

bool AnyRecordedAfter(db::Session& session, const std::string& epoch, Instant horizon) {
  const auto top = db::Tx(session, true, db::Reads::kStatement)
                       .First<std::int64_t>(
                           "select recorded_at from outbox where stream_seq is not null and stream_epoch = :epoch order by "
                           "stream_seq desc limit 1",
                           {{"epoch", epoch}});
  return top && std::get<0>(*top) > horizon.micros;
}

std::int64_t MarkUnsent(db::Lane& lane, const std::string& epoch, std::int64_t above, std::int64_t highest, Instant horizon,
                        const std::function<bool()>& stopping) {
  // Those at the top alone are looked at: below one that is too old there are only older ones.
  const std::string sql =
      "update outbox set stream_seq = null, stream_epoch = null where seq in (select seq from (select seq, recorded_at from outbox where "
      "stream_seq is not null and stream_epoch = :epoch and stream_seq > :above and stream_seq <= :highest order by stream_seq desc "
      "limit " +
      std::to_string(kBatch) + ") as top where recorded_at > :horizon)";
  const db::Binds binds{{"epoch", epoch}, {"above", above}, {"highest", highest}, {"horizon", horizon.micros}};
  std::int64_t all = 0;
  while (!stopping()) {
    std::int64_t rows = 0;
    lane.Run(db::kBackgroundLimit, [&](db::Tx& tx) {
      rows = tx.Exec(sql, binds);
      CrashPoint("rewind_batch");
      return true;
    });
    if (rows == 0) return all;
    all += rows;
  }
  return all;
}

}  // namespace renxin::runtime
