#include "services/gateway/config.h"

#include <stdexcept>

#include "services/gateway/throttle/proxies.h"
#include "shared/core/text.h"
#include "shared/core/variables.h"

namespace renxin::gateway {
namespace {

constexpr std::uint64_t kHeaderBytesMax = 1 << 20;
constexpr std::uint64_t kJsonBytesMax = 64 << 20;
constexpr std::uint64_t kUploadBytesMax = std::uint64_t{1} << 40;
constexpr std::uint64_t kCountMax = 100'000;
constexpr std::uint64_t kSecondsMax = 3'600;
constexpr std::uint64_t kRequestMillisecondsMax = 600'000;

void ReadLimits(Variables* variables, Limits* limits) {
  variables->Number("RENXIN_GATEWAY_MAX_HEADER_BYTES", kHeaderBytesMax, &limits->header_bytes);
  variables->Number("RENXIN_GATEWAY_MAX_JSON_BYTES", kJsonBytesMax, &limits->json_bytes);
  variables->Number("RENXIN_GATEWAY_MAX_UPLOAD_BYTES", kUploadBytesMax, &limits->upload_bytes);
  variables->Number("RENXIN_GATEWAY_MAX_CONNECTIONS", kCountMax, &limits->connections);
  variables->Number("RENXIN_GATEWAY_MAX_CONNECTIONS_PER_IP", kCountMax, &limits->connections_per_ip);
  variables->Duration("RENXIN_GATEWAY_HEADER_TIMEOUT_S", kSecondsMax, &limits->header_timeout);
  variables->Duration("RENXIN_GATEWAY_BODY_TIMEOUT_S", kSecondsMax, &limits->body_timeout);
  variables->Duration("RENXIN_GATEWAY_WRITE_TIMEOUT_S", kSecondsMax, &limits->write_timeout);
  variables->Duration("RENXIN_GATEWAY_IDLE_TIMEOUT_S", kSecondsMax, &limits->idle_timeout);
  variables->Duration("RENXIN_GATEWAY_REQUEST_TIMEOUT_MS", kRequestMillisecondsMax, &limits->request_timeout);
  variables->Duration("RENXIN_GATEWAY_DRAIN_TIMEOUT_S", kSecondsMax, &limits->drain_timeout);
  variables->Number("RENXIN_GATEWAY_MAX_LIVE", kCountMax, &limits->live_sockets);
  variables->Number("RENXIN_GATEWAY_MAX_LIVE_PER_ACCOUNT", kCountMax, &limits->live_sockets_per_account);
  variables->Number("RENXIN_GATEWAY_MAX_LIVE_WAITING", kCountMax, &limits->live_waiting);
  variables->Duration("RENXIN_GATEWAY_LIVE_PING_S", kSecondsMax, &limits->live_ping);
}

void ReadThrottle(Variables* variables, ThrottleLimits* limits) {
  variables->Number("RENXIN_GATEWAY_ANONYMOUS_BURST", kCountMax, &limits->address_burst);
  variables->Number("RENXIN_GATEWAY_ANONYMOUS_PER_S", kCountMax, &limits->address_per_second);
  variables->Number("RENXIN_GATEWAY_ATTEMPTS_BURST", kCountMax, &limits->name_burst);
  variables->Number("RENXIN_GATEWAY_ATTEMPTS_PER_MINUTE", kCountMax, &limits->name_per_minute);
  variables->Text("RENXIN_GATEWAY_TRUSTED_PROXIES", &limits->trusted_proxies);
}

void CheckProxies(const std::string& list) {
  try {
    const TrustedProxies proxies(list);
  } catch (const std::invalid_argument& wrong) {
    throw std::invalid_argument("RENXIN_GATEWAY_TRUSTED_PROXIES: " + std::string(wrong.what()));
  }
}

}  // namespace

Config LoadConfig() {
  Config config;
  Variables variables;
  variables.Text("RENXIN_GATEWAY_ADDRESS", &config.address);
  variables.Text("RENXIN_HTTP_ADDRESS", &config.health_address);
  variables.Required("RENXIN_TLS_CERT_FILE", &config.tls_cert_file);
  variables.Required("RENXIN_TLS_KEY_FILE", &config.tls_key_file);
  config.nats.Read(&variables);
  variables.Text("RENXIN_LOG_LEVEL", &config.log_level);
  std::string hosts;
  variables.Text("RENXIN_ALLOWED_HOSTS", &hosts);
  for (const auto& host : SplitText(hosts, ',')) {
    if (!Trim(host).empty()) {
      config.allowed_hosts.emplace_back(Trim(host));
    }
  }
  ReadLimits(&variables, &config.limits);
  ReadThrottle(&variables, &config.throttle);
  if (!variables.fault().empty()) throw std::invalid_argument(variables.fault());
  CheckProxies(config.throttle.trusted_proxies);
  return config;
}

}  // namespace renxin::gateway
