#include "services/gateway/config.h"

#include <charconv>
#include <cstdlib>
#include <stdexcept>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

void ReadText(const char* name, std::string* value) {
  if (const char* text = std::getenv(name); text != nullptr && *text != '\0') {
    *value = text;
  }
}

template <class Int>
void ReadNumber(const char* name, Int* value) {
  std::string text;
  ReadText(name, &text);
  if (text.empty()) {
    return;
  }
  Int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number <= 0) {
    throw std::invalid_argument(std::string(name) + " must be a positive number");
  }
  *value = number;
}

template <class Duration>
void ReadDuration(const char* name, Duration* value) {
  std::int64_t count = value->count();
  ReadNumber(name, &count);
  *value = Duration(count);
}

void Require(const char* name, const std::string& value) {
  if (value.empty()) {
    throw std::invalid_argument(std::string(name) + " is not set");
  }
}

void ReadLimits(Limits* limits) {
  ReadNumber("RENXIN_GATEWAY_MAX_HEADER_BYTES", &limits->header_bytes);
  ReadNumber("RENXIN_GATEWAY_MAX_JSON_BYTES", &limits->json_bytes);
  ReadNumber("RENXIN_GATEWAY_MAX_UPLOAD_BYTES", &limits->upload_bytes);
  ReadNumber("RENXIN_GATEWAY_MAX_CONNECTIONS", &limits->connections);
  ReadNumber("RENXIN_GATEWAY_MAX_CONNECTIONS_PER_IP", &limits->connections_per_ip);
  ReadDuration("RENXIN_GATEWAY_HEADER_TIMEOUT_S", &limits->header_timeout);
  ReadDuration("RENXIN_GATEWAY_BODY_TIMEOUT_S", &limits->body_timeout);
  ReadDuration("RENXIN_GATEWAY_WRITE_TIMEOUT_S", &limits->write_timeout);
  ReadDuration("RENXIN_GATEWAY_IDLE_TIMEOUT_S", &limits->idle_timeout);
  ReadDuration("RENXIN_GATEWAY_REQUEST_TIMEOUT_MS", &limits->request_timeout);
  ReadDuration("RENXIN_GATEWAY_DRAIN_TIMEOUT_S", &limits->drain_timeout);
  ReadNumber("RENXIN_GATEWAY_MAX_LIVE", &limits->live_sockets);
  ReadNumber("RENXIN_GATEWAY_MAX_LIVE_PER_ACCOUNT", &limits->live_sockets_per_account);
  ReadNumber("RENXIN_GATEWAY_MAX_LIVE_WAITING", &limits->live_waiting);
  ReadDuration("RENXIN_GATEWAY_LIVE_PING_S", &limits->live_ping);
}

}  // namespace

Config LoadConfig() {
  Config config;
  ReadText("RENXIN_GATEWAY_ADDRESS", &config.address);
  ReadText("RENXIN_HTTP_ADDRESS", &config.health_address);
  ReadText("RENXIN_TLS_CERT_FILE", &config.tls_cert_file);
  ReadText("RENXIN_TLS_KEY_FILE", &config.tls_key_file);
  ReadText("RENXIN_NATS_URL", &config.nats_url);
  ReadText("RENXIN_NATS_USER", &config.nats_user);
  ReadText("RENXIN_NATS_PASSWORD_FILE", &config.nats_password_file);
  ReadText("RENXIN_NATS_CA_FILE", &config.nats_ca_file);
  ReadText("RENXIN_LOG_LEVEL", &config.log_level);
  std::string hosts;
  ReadText("RENXIN_ALLOWED_HOSTS", &hosts);
  for (const auto& host : SplitText(hosts, ',')) {
    if (!Trim(host).empty()) {
      config.allowed_hosts.emplace_back(Trim(host));
    }
  }
  Require("RENXIN_TLS_CERT_FILE", config.tls_cert_file);
  Require("RENXIN_TLS_KEY_FILE", config.tls_key_file);
  ReadLimits(&config.limits);
  return config;
}

}  // namespace renxin::gateway
