#pragma once
// The configuration of a service, from environment variables (docs/configuration.md).

#include <cstddef>
#include <string>

#include "shared/bus/bus.h"

namespace renxin::runtime {

struct Config {
  std::string service;
  std::string database_url;            // RENXIN_DATABASE_URL, default sqlite:var/<service>.db
  std::string migration_database_url;  // RENXIN_MIGRATION_DATABASE_URL, default the same
  bus::Options nats;                   // RENXIN_NATS_…; default user: the service's name
  std::string key_file;                // RENXIN_KEY_FILE
  std::string http_address;            // RENXIN_HTTP_ADDRESS for /livez /readyz /metrics
  std::string log_level;               // RENXIN_LOG_LEVEL, default info
  std::string zone;                    // RENXIN_ZONE, default Asia/Shanghai (G3)
  std::size_t lanes = 3;               // RENXIN_LANES, 1 to 16: connections that write; on SQLite there is one
  std::size_t readers = 4;             // RENXIN_READERS, 1 to 64: connections that read
  std::size_t preflights = 2;          // RENXIN_PREFLIGHTS, 1 to 64: threads that check passwords or ask others before a transaction

  std::string fault;  // a variable whose value is none, by name; Service::Run does not start with it

  static Config FromEnvironment(const std::string& service);
};

}  // namespace renxin::runtime
