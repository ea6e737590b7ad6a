#pragma once
// What the gateway reads from its environment; README.md lists every name.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "shared/bus/bus.h"

namespace renxin::gateway {

struct Limits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t json_bytes = 256 * 1024;
  std::uint64_t upload_bytes = std::uint64_t{4} << 30;
  std::size_t connections = 1024;
  std::size_t connections_per_ip = 256;
  // Each is re-armed per operation. An upload has `body_timeout` for every 64 KiB: a minimum rate.
  std::chrono::seconds header_timeout{10};
  std::chrono::seconds body_timeout{30};
  std::chrono::seconds write_timeout{10};
  std::chrono::seconds idle_timeout{60};
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::seconds drain_timeout{20};
  // Live sockets, which are connections too.
  std::size_t live_sockets = 512;
  std::size_t live_sockets_per_account = 8;
  std::size_t live_waiting = 256;
  std::chrono::seconds live_ping{20};
};

// Of requests without a token (throttle/).
struct ThrottleLimits {
  // Each route: so many of one address at once, and so many a second.
  std::size_t address_burst = 7;
  std::size_t address_per_second = 5;
  // Attempts of one address under one name: at once, and a minute.
  std::size_t name_burst = 10;
  std::size_t name_per_minute = 10;
  // Addresses and networks whose X-Forwarded-For is believed, separated by commas.
  std::string trusted_proxies;
};

struct Config {
  std::string address = "127.0.0.1:8443";
  std::string health_address = "127.0.0.1:8480";
  std::string tls_cert_file;
  std::string tls_key_file;
  bus::Options nats;
  std::vector<std::string> allowed_hosts;  // empty: the listen address and localhost, with the port
  std::string log_level = "info";
  Limits limits;
  ThrottleLimits throttle;
};

// Throws std::invalid_argument naming the variable that is missing or wrong.
Config LoadConfig();

}  // namespace renxin::gateway
