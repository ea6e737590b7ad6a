#include <algorithm>
#include <tuple>

#include "renxin/common/v1/error.pb.h"
#include "renxin/operations/v1/operations.pb.h"
#include "shared/contract/error.h"
#include "shared/core/text.h"
#include "shared/db/rows.h"
#include "shared/db/stored.h"
#include "shared/operations/operation.h"

namespace renxin::operations {
namespace {

struct Stored : Operation {
  std::string failure_body;
};
const db::Rows<Stored> kOperations("operations", {{"id", &Operation::id},
                                                  {"type", &Operation::type},
                                                  {"subject", &Operation::subject},
                                                  {"state", &Operation::state},
                                                  {"checkpoint", &Operation::checkpoint},
                                                  {"done", &Operation::done},
                                                  {"total", &Operation::total},
                                                  {"failure", &Stored::failure_body},
                                                  {"cancel_requested", &Operation::cancel_requested},
                                                  {"attempts", &Operation::attempts},
                                                  {"created_by", &Operation::created_by},
                                                  {"created_at", &Operation::created_at},
                                                  {"ended_at", &Operation::ended_at}});

bool HasEnded(State state) {
  return state == State::OPERATION_STATE_DONE || state == State::OPERATION_STATE_FAILED || state == State::OPERATION_STATE_CANCELLED;
}

std::optional<Error> ReadFailure(const std::string& id, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto error = db::ReadBody<common::v1::Error>("operations", id, text);
  if (!error) return Error{Code::kInternal, Reason::kInternal, "why it failed cannot be read"};
  return contract::FromProto(*error);
}

std::vector<Operation> SelectOperations(Tx& tx, const std::string& where, const db::Binds& binds) {
  std::vector<Operation> out;
  for (Stored& op : kOperations.Select(tx, where, binds)) {
    op.failure = ReadFailure(op.id, op.failure_body);
    out.push_back(std::move(op));
  }
  return out;
}

std::optional<Operation> FirstOperation(Tx& tx, const std::string& where, const db::Binds& binds) {
  auto rows = SelectOperations(tx, where, binds);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

}  // namespace

const State kRunning = State::OPERATION_STATE_RUNNING;

void Operation::Finish() { state = State::OPERATION_STATE_DONE; }

void Operation::Fail(Error why) {
  state = State::OPERATION_STATE_FAILED;
  failure = std::move(why);
}

Operation Insert(Tx& tx, const Begin& begin, std::string_view by, Instant now) {
  static const db::InsertSpec kInsert{.table = "operations",
                                      .columns = {"id", "type", "subject", "state", "done", "total", "exclusive", "due_at", "attempts",
                                                  "cancel_requested", "created_by", "created_at"}};
  Operation op{.id = begin.service + "." + NewId(), .type = begin.type, .subject = begin.subject, .state = begin.state};
  op.total = begin.total;
  op.created_by = by;
  op.created_at = now;
  const std::string exclusive = begin.type + "/" + begin.subject;
  if (begin.exclusive) {
    if (auto known = FirstOperation(tx, "where exclusive = :exclusive", {{"exclusive", exclusive}})) return std::move(*known);
  }
  tx.InsertOrRetry(
      kInsert, "exclusive",
      {op.id, op.type, op.subject, static_cast<std::int64_t>(op.state), std::int64_t{0}, op.total,
       begin.exclusive ? db::Value(exclusive) : db::Value(), now.micros, std::int64_t{0}, std::int64_t{0}, op.created_by, now.micros});
  if (op.state == State::OPERATION_STATE_RUNNING) tx.Wake(db::Concern::kOperations);
  return op;
}

void Start(Tx& tx, Operation* op, std::int64_t total, Instant now) {
  op->state = State::OPERATION_STATE_RUNNING;
  op->total = total;
  tx.Exec("update operations set state = :state, total = :total, due_at = :now where id = :id",
          {{"state", static_cast<int>(op->state)}, {"total", total}, {"now", now.micros}, {"id", op->id}});
  tx.Wake(db::Concern::kOperations);
}

std::optional<Operation> Load(Tx& tx, std::string_view id, bool for_update) {
  return FirstOperation(tx, "where id = :id" + std::string(for_update ? tx.ForUpdate() : ""), {{"id", id}});
}

std::int64_t CountRunning(Tx& tx, std::string_view type) {
  return std::get<0>(*tx.First<std::int64_t>(
      "select cast(count(*) as bigint) from operations where type = :type and ended_at is null and state = :running",
      {{"type", type}, {"running", static_cast<int>(State::OPERATION_STATE_RUNNING)}}));
}

std::int64_t CountOf(Tx& tx, std::string_view type, State state, std::string_view created_by) {
  return std::get<0>(*tx.First<std::int64_t>(
      "select cast(count(*) as bigint) from operations where type = :type and state = :state and cancel_requested = 0 and created_by = :by",
      {{"type", type}, {"state", static_cast<int>(state)}, {"by", created_by}}));
}

namespace {

constexpr std::string_view kOpenOfType = " from operations where type = :type and state = :state and cancel_requested = 0 ";

}  // namespace

std::optional<Instant> OldestOf(Tx& tx, std::string_view type, State state) {
  const auto row = tx.First<std::int64_t>("select created_at" + std::string(kOpenOfType) + "order by created_at limit 1",
                                          {{"type", type}, {"state", static_cast<int>(state)}});
  if (!row) return std::nullopt;
  return Instant{std::get<0>(*row)};
}

db::Batch CancelOldest(Tx& tx, std::string_view type, State state, Instant from, Instant until, int limit, Instant now) {
  db::Batch batch{.rows = 0, .last = from};
  for (const auto& [id, created_at] : tx.Select<std::string, std::int64_t>(
           "select id, created_at" + std::string(kOpenOfType) +
               "and created_at >= :from and created_at < :until order by created_at limit " + std::to_string(limit),
           {{"type", type}, {"state", static_cast<int>(state)}, {"from", from.micros}, {"until", until.micros}})) {
    RequestCancel(tx, id, now);
    ++batch.rows;
    batch.last.micros = created_at;
  }
  return batch;
}

contract::Paged<Operation> List(Tx& tx, const ListFilter& filter, const contract::Page& page) {
  std::string where = "where type = :type";
  db::Binds binds;
  if (filter.state != State::OPERATION_STATE_UNSPECIFIED) {
    where += " and state = :state";
    binds.emplace_back("state", static_cast<int>(filter.state));
  }
  if (!page.first()) {
    where += " and (created_at, id) < (:at, :after)";
    binds.emplace_back("at", page.Number(0));
    binds.emplace_back("after", page.Text(1));
  }
  where += " order by created_at desc, id desc limit " + std::to_string(page.fetch());
  // Types are few. Each has a part of the index of its own, in the order of the list; of all together none is.
  std::vector<Operation> rows;
  for (const std::string& type : filter.types) {
    db::Binds of_type = binds;
    of_type.emplace_back("type", type);
    for (Operation& op : SelectOperations(tx, where, of_type)) rows.push_back(std::move(op));
  }
  std::sort(rows.begin(), rows.end(), [](const Operation& one, const Operation& other) {
    return std::tie(other.created_at.micros, other.id) < std::tie(one.created_at.micros, one.id);
  });
  if (rows.size() > static_cast<std::size_t>(page.fetch())) rows.resize(static_cast<std::size_t>(page.fetch()));
  return contract::Cut(kOperationList, page, std::move(rows), [](const Operation& one) {
    return std::vector<std::string>{std::to_string(one.created_at.micros), one.id};
  });
}

DueOperations Due(Tx& tx, Instant now, int limit) {
  DueOperations out;
  for (auto& [id, due_at] : tx.Select<std::string, std::int64_t>(
           "select id, due_at from operations where ended_at is null and (state = :running or cancel_requested = 1) order by due_at, id "
           "limit " +
               std::to_string(limit),
           {{"running", static_cast<int>(State::OPERATION_STATE_RUNNING)}})) {
    if (due_at <= now.micros) {
      out.ids.push_back(std::move(id));
    } else if (!out.next) {
      out.next = Instant{due_at};
    }
  }
  return out;
}

std::optional<Operation> Claim(Tx& tx, std::string_view id, std::string_view lease, Instant now, Instant until) {
  const std::int64_t rows =
      tx.Exec("update operations set lease = :lease, due_at = :until where id = :id and ended_at is null and due_at <= :now",
              {{"lease", lease}, {"until", until.micros}, {"id", id}, {"now", now.micros}});
  if (rows == 0) return std::nullopt;
  return Load(tx, id);
}

std::optional<Operation> LoadUnderLease(Tx& tx, std::string_view id, std::string_view lease) {
  return FirstOperation(tx, "where id = :id and lease = :lease and ended_at is null" + std::string(tx.ForUpdate()),
                        {{"id", id}, {"lease", lease}});
}

void Renew(Tx& tx, std::string_view id, std::string_view lease, Instant until) {
  const auto held = tx.First<std::string>(
      "select id from operations where id = :id and lease = :lease and ended_at is null" + std::string(tx.ForUpdateSkipLocked()),
      {{"id", id}, {"lease", lease}});
  if (held) tx.Exec("update operations set due_at = :until where id = :id", {{"until", until.micros}, {"id", id}});
}

void Save(Tx& tx, const Operation& op, Instant now, Instant due) {
  const bool ended = HasEnded(op.state);
  tx.Exec(
      "update operations set state = :state, checkpoint = :checkpoint, done = :done, total = :total, failure = :failure, attempts = "
      ":attempts, due_at = :due, ended_at = :ended, lease = case when :over = 1 then null else lease end, exclusive = case when :over2 = 1 "
      "then null else exclusive end where id = :id",
      {{"state", static_cast<int>(op.state)},
       {"checkpoint", db::TextOrNull(op.checkpoint)},
       {"done", op.done},
       {"total", op.total},
       {"failure", op.failure ? db::Value(ToBase64(contract::ToProto(*op.failure).SerializeAsString())) : db::Value()},
       {"attempts", std::int64_t{op.attempts}},
       {"due", due.micros},
       {"ended", ended ? db::Value(now.micros) : db::Value()},
       {"over", ended ? 1 : 0},
       {"over2", ended ? 1 : 0},
       {"id", op.id}});
}

void Release(Tx& tx, std::string_view id, std::string_view lease, int attempts, Instant due) {
  tx.Exec("update operations set lease = null, attempts = :attempts, due_at = :due where id = :id and lease = :lease",
          {{"attempts", std::int64_t{attempts}}, {"due", due.micros}, {"id", id}, {"lease", lease}});
}

void ReleaseAllOf(Tx& tx, std::string_view owner, Instant now) {
  tx.Exec("update operations set lease = null, due_at = :now where ended_at is null and lease like :owner",
          {{"now", now.micros}, {"owner", std::string(owner) + "/%"}});
}

void RequestCancel(Tx& tx, std::string_view id, Instant now) {
  // Who works on it now sees it at its next step; its lease stays, so that nobody else begins to tidy up beside it.
  tx.Exec(
      "update operations set cancel_requested = 1, due_at = case when lease is null then :now else due_at end where id = :id and ended_at "
      "is null",
      {{"now", now.micros}, {"id", id}});
  tx.Wake(db::Concern::kOperations);
}

}  // namespace renxin::operations
