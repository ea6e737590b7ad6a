#include "services/gateway/upstream/upstream.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "renxin/common/v1/error.pb.h"
#include "services/gateway/refusal.h"
#include "shared/contract/error.h"
#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;

// Starts a request whose answer arrives on a thread of the bus; the coroutine goes on on its own executor.
struct Start {
  std::shared_ptr<bus::Connection> bus;
  std::shared_ptr<const Call> call;
  bus::Headers headers;

  template <class Handler>
  void operator()(Handler handler) const {
    auto executor = asio::get_associated_executor(handler);
    struct Waiting {
      Handler handler;
      asio::executor_work_guard<decltype(executor)> work;
    };
    auto waiting = std::make_shared<Waiting>(Waiting{std::move(handler), asio::make_work_guard(executor)});
    // Together with what else is asked for in this turn of the loop.
    asio::post(executor, [bus = bus] { bus->Flush(); });
    const bus::Held held;
    bus->Request(call->subject, headers, call->body, call->timeout, [waiting, executor](bus::Answer answer) {
      asio::post(executor, [waiting, answer = std::move(answer)]() mutable {
        Handler resume = std::move(waiting->handler);
        waiting.reset();
        resume(std::move(answer));
      });
    });
  }
};

asio::awaitable<bus::Answer> Send(std::shared_ptr<bus::Connection> bus, std::shared_ptr<const Call> call, bus::Headers headers) {
  Start start{std::move(bus), std::move(call), std::move(headers)};
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bus::Answer)>(std::move(start), asio::use_awaitable);
}

bus::Headers HeadersOf(const Call& call) {
  bus::Headers headers{{"Renxin-Deadline-Ms", std::to_string(call.timeout.count())}, {"traceparent", call.traceparent}};
  if (!call.principal.empty()) {
    headers.emplace_back("Renxin-Principal", call.principal);
  }
  if (!call.idempotency_key.empty()) {
    headers.emplace_back("Idempotency-Key", call.idempotency_key);
  }
  if (!call.if_match.empty()) {
    headers.emplace_back("Renxin-If-Match", call.if_match);
  }
  return headers;
}

Error Unavailable() { return Refusal(Code::kUnavailable, Reason::kServiceUnavailable, "the service cannot be reached", 1000); }

Result<std::string> Read(bus::Message message) {
  const auto code = bus::FindHeader(message.headers, "Renxin-Code");
  if (code == "0") {
    return std::move(message.body);
  }
  common::v1::Error error;
  if (code.empty() || !error.ParseFromString(message.body)) {
    return Refusal(Code::kInternal, Reason::kInternal, "the service gave no readable answer");
  }
  Error out = contract::FromProto(error);
  if (out.code == Code::kUnavailable && out.retry_after_ms == 0) {
    out.retry_after_ms = 1000;
  }
  return out;
}

}  // namespace

asio::awaitable<Result<std::string>> Send(std::shared_ptr<bus::Connection> bus, Call call) {
  if (call.timeout.count() <= 0) {
    co_return Refusal(Code::kDeadline, Reason::kDeadlineExceeded, "no time was left to ask the service");
  }
  bus::Headers headers = HeadersOf(call);
  auto shared_call = std::make_shared<const Call>(std::move(call));
  bus::Answer answer = co_await Send(std::move(bus), std::move(shared_call), std::move(headers));
  switch (answer.outcome) {
    case bus::Outcome::kReply:
      co_return Read(std::move(answer.message));
    case bus::Outcome::kTimeout:
      co_return Refusal(Code::kDeadline, Reason::kDeadlineExceeded, "the service did not answer in time");
    case bus::Outcome::kInterrupted:
      co_return Refusal(Code::kUnavailable, Reason::kServiceUnavailable,
                        "the connection to the service was lost; the request may have been carried out: repeat it with its Idempotency-Key",
                        1000);
    default:
      co_return Unavailable();
  }
}

asio::awaitable<bool> Settled(std::shared_ptr<bus::Connection> bus, std::chrono::milliseconds timeout) {
  auto call = std::make_shared<Call>();
  call->subject = "rpc.renxin.nobody";
  call->timeout = timeout;
  bus::Headers headers;
  const bus::Answer answer = co_await Send(std::move(bus), std::move(call), std::move(headers));
  co_return answer.outcome == bus::Outcome::kNoResponders || answer.outcome == bus::Outcome::kReply;
}

}  // namespace renxin::gateway
