#pragma once
// One question to a service over the bus, as a coroutine.

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "shared/bus/bus.h"
#include "shared/core/result.h"

namespace renxin::gateway {

struct Call {
  std::string subject;
  std::string body;
  std::string principal;  // renxin.common.v1.Principal, serialized, in base64; empty for an anonymous call
  std::string traceparent;
  std::string idempotency_key;  // empty: not sent
  std::string if_match;         // a version or `*`; empty: not sent
  std::chrono::milliseconds timeout{0};
};

// The reply's bytes, or the service's refusal, or why there is none: kUnavailable at once when nobody listens or
// the bus is away, kDeadline when no answer came. Must be awaited on an executor that outlives the bus.
boost::asio::awaitable<Result<std::string>> Send(std::shared_ptr<bus::Connection> bus, Call call);

// Whether the broker has taken all that was sent to it before, subscriptions too: it takes what a connection sends in
// its order, so it is its word that nobody answers to a subject which is nobody's.
boost::asio::awaitable<bool> Settled(std::shared_ptr<bus::Connection> bus, std::chrono::milliseconds timeout);

}  // namespace renxin::gateway
