// OpsService: what operators ask of any service.

#include "renxin/ops/v1/ops.pb.h"
#include "shared/contract/error.h"
#include "shared/core/text.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/core.h"
#include "shared/runtime/dead_letters.h"
#include "shared/runtime/failed_timers.h"

namespace renxin::runtime {
namespace {

using ops::v1::ServiceStatus;

std::int64_t CountOf(Tx& tx, std::string_view sql, const db::Binds& binds = {}) {
  return std::get<0>(*tx.First<std::int64_t>("select cast((" + std::string(sql) + ") as bigint)", binds));
}

std::string OpenDeadLetterSql(std::string_view columns, const Tx& tx) {
  return "select " + std::string(columns) + " from dead_letters where id = :id and replayed_at is null and discarded_at is null" +
         std::string(tx.ForUpdate());
}

// The consumer has nothing more to do with the event, however often it comes.
void TakeFromConsumer(Tx& tx, const CallContext& ctx, const std::string& consumer, const std::string& event_id) {
  tx.Exec("insert into inbox (consumer, event_id, received_at) values (:consumer, :event, :now) on conflict do nothing",
          {{"consumer", consumer}, {"event", event_id}, {"now", ctx.now.micros}});
  tx.Exec("delete from consumer_attempts where consumer = :consumer and event_id = :event", {{"consumer", consumer}, {"event", event_id}});
}

MessagePtr Own(const google::protobuf::Message& message) {
  MessagePtr copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

Result<MessagePtr> DeadLetterOf(Tx& tx, const CallContext& ctx, const std::string& id) { return Own(*GetDeadLetter(tx, ctx.env, id)); }

}  // namespace

// Its numbers come from the broker (before the transaction) and from the database (in it).
static Rpc StatusRpc(ServiceCore& core) {
  Rpc rpc{.command = false, .make = [] { return std::make_unique<ops::v1::GetStatusRequest>(); }, .preflight = nullptr, .run = nullptr};
  rpc.preflight = [&core](ServiceClient&, const CallContext&, const google::protobuf::Message&) -> Result<std::shared_ptr<void>> {
    try {
      return std::static_pointer_cast<void>(std::make_shared<std::vector<ConsumerProgress>>(core.ConsumersProgress()));
    } catch (const bus::BusError& error) {
      return Error{Code::kUnavailable, Reason::kServiceUnavailable, error.what(), {}, 500};
    }
  };
  rpc.run = [&core](Tx& tx, const CallContext& ctx, const google::protobuf::Message&, const void* preflight) -> Result<MessagePtr> {
    ServiceStatus status;
    status.set_service(core.config.service);
    status.set_outbox_pending(CountOf(tx, "select count(*) from outbox where stream_seq is null"));
    status.set_dead_letters(db::OpenDeadLetters(tx));
    status.set_failed_timers(CountOf(tx, "select count(*) from timers where failed_at is not null"));
    status.set_timers_due(CountOf(tx, "select count(*) from timers where due_at <= :now and failed_at is null", {{"now", ctx.now.micros}}));
    std::int64_t open = status.outbox_pending() + status.timers_due();
    for (const ConsumerProgress& progress : *static_cast<const std::vector<ConsumerProgress>*>(preflight)) {
      auto* consumer = status.add_consumers();
      consumer->set_consumer(progress.consumer);
      consumer->set_pending(progress.pending);
      consumer->set_ack_pending(progress.ack_pending);
      consumer->set_delivered(progress.delivered);
      open += progress.pending + progress.ack_pending;
    }
    for (const auto& [name, count] : core.gauges) {
      const std::int64_t value = count(tx);
      (*status.mutable_gauges())[name] = value;
      open += value;
    }
    status.set_events_delivered(CountOf(tx, "select coalesce(max(seq), 0) from outbox"));
    status.set_idle(open == 0);
    return Own(status);
  };
  return rpc;
}

static Rpc PingRpc(ServiceCore& core) {
  Rpc rpc{.command = false, .make = [] { return std::make_unique<ops::v1::PingRequest>(); }};
  rpc.answer = [&core](const google::protobuf::Message&) {
    ops::v1::PingResponse response;
    response.set_service(core.config.service);
    response.set_at(FormatTime(Now()));
    return Own(response);
  };
  return rpc;
}

static Rpc ListFindingsRpc(ServiceCore& core) {
  Rpc rpc{.command = false, .make = [] { return std::make_unique<ops::v1::ListFindingsRequest>(); }, .preflight = nullptr, .run = nullptr};
  rpc.run = [&core](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req, const void*) -> Result<MessagePtr> {
    const auto& request = static_cast<const ops::v1::ListFindingsRequest&>(req);
    const std::size_t page_size = request.page_size() == 0 ? 50 : static_cast<std::size_t>(request.page_size());
    ASSIGN_OR_RETURN(const FindingsPage page, Examine(tx, core.checks, {ctx.now, ctx.env}, request.page_token(), page_size));
    ops::v1::ListFindingsResponse response;
    for (const Finding& finding : page.findings) {
      auto* out = response.add_findings();
      out->set_record(finding.record);
      out->set_id(finding.id);
      out->set_rule(finding.rule);
      out->set_what(finding.what);
    }
    response.set_rows(page.rows);
    response.set_next_page_token(page.next_page_token);
    return Own(response);
  };
  return rpc;
}

static Rpc ReplayDeadLetterRpc(ServiceCore& core) {
  Rpc rpc{
      .command = true, .make = [] { return std::make_unique<ops::v1::ReplayDeadLetterRequest>(); }, .preflight = nullptr, .run = nullptr};
  rpc.run = [&core](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req, const void*) -> Result<MessagePtr> {
    const std::string& id = static_cast<const ops::v1::ReplayDeadLetterRequest&>(req).id();
    const auto row = tx.First<std::string, std::string, std::string>(OpenDeadLetterSql("consumer, event_id, message", tx), {{"id", id}});
    if (!row) return NotFound("dead letter");
    const auto& [name, event_id, sealed] = *row;
    Consumer* consumer = core.FindConsumer(name);
    if (consumer == nullptr) return WrongState("this release has no consumer " + name);
    const Status status = consumer->RunAgain(tx, UnpackMessage(ctx.env.sealer.OpenForService("dead_letters:" + id, sealed)));
    if (!status) return status.error();
    TakeFromConsumer(tx, ctx, name, event_id);
    tx.Exec("update dead_letters set replayed_at = :now where id = :id", {{"now", ctx.now.micros}, {"id", id}});
    return DeadLetterOf(tx, ctx, id);
  };
  return rpc;
}

static Rpc DiscardDeadLetterRpc() {
  Rpc rpc{
      .command = true, .make = [] { return std::make_unique<ops::v1::DiscardDeadLetterRequest>(); }, .preflight = nullptr, .run = nullptr};
  rpc.run = [](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req, const void*) -> Result<MessagePtr> {
    const auto& request = static_cast<const ops::v1::DiscardDeadLetterRequest&>(req);
    const auto row = tx.First<std::string, std::string>(OpenDeadLetterSql("consumer, event_id", tx), {{"id", request.id()}});
    if (!row) return NotFound("dead letter");
    TakeFromConsumer(tx, ctx, std::get<0>(*row), std::get<1>(*row));
    tx.Exec("update dead_letters set discarded_at = :now, discarded_by = :by, discard_reason = :reason where id = :id",
            {{"now", ctx.now.micros},
             {"by", ctx.caller.username},
             {"reason", ctx.env.sealer.SealForService(DiscardSealContext(request.id()), request.reason())},
             {"id", request.id()}});
    return DeadLetterOf(tx, ctx, request.id());
  };
  return rpc;
}

static Rpc ReplayEventsRpc(ServiceCore& core) {
  Rpc rpc{.command = false, .make = [] { return std::make_unique<ops::v1::ReplayEventsRequest>(); }, .preflight = nullptr, .run = nullptr};
  rpc.preflight = [&core](ServiceClient&, const CallContext&, const google::protobuf::Message& req) -> Result<std::shared_ptr<void>> {
    const auto& request = static_cast<const ops::v1::ReplayEventsRequest&>(req);
    try {
      ASSIGN_OR_RETURN(const std::int64_t events, core.relay().Replay(request.consumer(), *ParseTime(request.from())));
      return std::static_pointer_cast<void>(std::make_shared<std::int64_t>(events));
    } catch (const bus::BusError& error) {
      return Error{Code::kUnavailable, Reason::kServiceUnavailable, error.what(), {}, 500};
    }
  };
  rpc.run = [](Tx&, const CallContext&, const google::protobuf::Message&, const void* preflight) -> Result<MessagePtr> {
    ops::v1::ReplayEventsResponse response;
    response.set_events(*static_cast<const std::int64_t*>(preflight));
    return Own(response);
  };
  return rpc;
}

static Rpc ListFailedTimersRpc() {
  Rpc rpc{
      .command = false, .make = [] { return std::make_unique<ops::v1::ListFailedTimersRequest>(); }, .preflight = nullptr, .run = nullptr};
  rpc.run = [](Tx& tx, const CallContext&, const google::protobuf::Message& req, const void*) -> Result<MessagePtr> {
    ASSIGN_OR_RETURN(const auto page, ListFailedTimers(tx, static_cast<const ops::v1::ListFailedTimersRequest&>(req)));
    return Own(page);
  };
  return rpc;
}

static Rpc RetryTimerRpc() {
  Rpc rpc{.command = true, .make = [] { return std::make_unique<ops::v1::RetryTimerRequest>(); }, .preflight = nullptr, .run = nullptr};
  rpc.run = [](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req, const void*) -> Result<MessagePtr> {
    ASSIGN_OR_RETURN(const auto timer, RetryTimer(tx, ctx, static_cast<const ops::v1::RetryTimerRequest&>(req)));
    return Own(timer);
  };
  return rpc;
}

void ServiceCore::AddOps() {
  rpcs.emplace("OpsService.ListFailedTimers", ListFailedTimersRpc());
  rpcs.emplace("OpsService.RetryTimer", RetryTimerRpc());
  rpcs.emplace("OpsService.GetStatus", StatusRpc(*this));
  rpcs.emplace("OpsService.Ping", PingRpc(*this));
  rpcs.emplace("OpsService.ListFindings", ListFindingsRpc(*this));
  rpcs.emplace("OpsService.ReplayDeadLetter", ReplayDeadLetterRpc(*this));
  rpcs.emplace("OpsService.DiscardDeadLetter", DiscardDeadLetterRpc());
  rpcs.emplace("OpsService.ReplayEvents", ReplayEventsRpc(*this));
  Rpc list{
      .command = false, .make = [] { return std::make_unique<ops::v1::ListDeadLettersRequest>(); }, .preflight = nullptr, .run = nullptr};
  list.run = [](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req, const void*) -> Result<MessagePtr> {
    ASSIGN_OR_RETURN(const auto page, ListDeadLetters(tx, ctx.env, static_cast<const ops::v1::ListDeadLettersRequest&>(req)));
    return Own(page);
  };
  rpcs.emplace("OpsService.ListDeadLetters", std::move(list));
}

}  // namespace renxin::runtime
