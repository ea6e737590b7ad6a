#include "shared/runtime/config.h"

#include <charconv>
#include <cstdlib>

namespace renxin::runtime {
namespace {

std::string Env(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? fallback : value;
}

void Count(const char* name, std::size_t most, std::size_t* into, std::string* fault) {
  const std::string text = Env(name, std::to_string(*into));
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc{} && end == text.data() + text.size() && count >= 1 && count <= most) {
    *into = count;
  } else {
    *fault = std::string(name) + " is " + text + ": a whole number from 1 to " + std::to_string(most);
  }
}

}  // namespace

Config Config::FromEnvironment(const std::string& service) {
  Config config;
  config.service = service;
  config.database_url = Env("RENXIN_DATABASE_URL", "sqlite:var/" + service + ".db");
  config.migration_database_url = Env("RENXIN_MIGRATION_DATABASE_URL", config.database_url);
  config.nats_url = Env("RENXIN_NATS_URL", "nats://127.0.0.1:4222");
  config.nats_user = Env("RENXIN_NATS_USER", service);
  config.nats_password_file = Env("RENXIN_NATS_PASSWORD_FILE", "");
  config.nats_ca_file = Env("RENXIN_NATS_CA_FILE", "");
  config.key_file = Env("RENXIN_KEY_FILE", "var/keys/" + service + ".key");
  config.http_address = Env("RENXIN_HTTP_ADDRESS", "127.0.0.1:0");
  config.log_level = Env("RENXIN_LOG_LEVEL", "info");
  config.zone = Env("RENXIN_ZONE", "Asia/Shanghai");
  Count("RENXIN_LANES", 16, &config.lanes, &config.fault);
  Count("RENXIN_READERS", 64, &config.readers, &config.fault);
  return config;
}

}  // namespace renxin::runtime
