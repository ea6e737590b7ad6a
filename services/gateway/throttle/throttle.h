#pragma once
// How often somebody without a token may ask: an address at all, and an address under one name. What is refused costs no password check.

#include <google/protobuf/message.h>
#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string_view>

#include "services/gateway/config.h"
#include "services/gateway/routes/routes.h"
#include "services/gateway/throttle/buckets.h"
#include "services/gateway/throttle/proxies.h"

namespace renxin::gateway {

class Throttle {
 public:
  explicit Throttle(const ThrottleLimits& limits);

  // Of an anonymous route, before its body is read. kTooManyRequests with how long to wait.
  Status Admit(const Endpoint& endpoint, const boost::asio::ip::address& peer, std::string_view forwarded_for);
  // Of one whose contract says which field names who tries (Access.attempts_by); of another one nothing.
  Status AdmitAttempt(const Endpoint& endpoint, const google::protobuf::Message& request, const boost::asio::ip::address& peer,
                      std::string_view forwarded_for);

 private:
  TrustedProxies proxies_;
  TokenBuckets by_address_;
  TokenBuckets by_name_;
};

}  // namespace renxin::gateway
