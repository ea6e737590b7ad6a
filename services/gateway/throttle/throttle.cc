#include "services/gateway/throttle/throttle.h"

#include "services/gateway/refusal.h"
#include "shared/core/text.h"
#include "shared/observe/metrics.h"

namespace renxin::gateway {
namespace {

constexpr std::size_t kKeysMax = 100'000;

Status Judge(std::optional<std::chrono::milliseconds> wait, const char* by) {
  if (!wait) return Ok{};
  observe::Count("renxin_gateway_throttled_total", {{"by", by}});
  return Refusal(Code::kTooManyRequests, Reason::kTooManyAttempts, "too many requests without a token", wait->count());
}

}  // namespace

Throttle::Throttle(const ThrottleLimits& limits)
    : proxies_(limits.trusted_proxies),
      by_address_(limits.address_burst, std::chrono::microseconds(1'000'000 / limits.address_per_second), kKeysMax),
      by_name_(limits.name_burst, std::chrono::microseconds(60'000'000 / limits.name_per_minute), kKeysMax) {}

Status Throttle::Admit(const Endpoint& endpoint, const boost::asio::ip::address& peer, std::string_view forwarded_for) {
  if (!endpoint.anonymous()) return Ok{};
  // Routes apart: who signs in all day long can still refresh.
  const std::string key = endpoint.method + endpoint.path_template + '\n' + ClientKey(proxies_.ClientOf(peer, forwarded_for));
  return Judge(by_address_.Consume(key, TokenBuckets::Time::clock::now()), "address");
}

Status Throttle::AdmitAttempt(const Endpoint& endpoint, const google::protobuf::Message& request, const boost::asio::ip::address& peer,
                              std::string_view forwarded_for) {
  const std::string& named = endpoint.info().access.attempts_by();
  if (named.empty()) return Ok{};
  const auto* field = request.GetDescriptor()->FindFieldByName(named);
  const std::string name = request.GetReflection()->GetString(request, field);
  return Judge(by_name_.Consume(name + '\n' + ClientKey(proxies_.ClientOf(peer, forwarded_for)), TokenBuckets::Time::clock::now()), "name");
}

}  // namespace renxin::gateway
