#pragma once
// nats-server's configuration from the contract: who may say and hear what. infra/nats/README.md.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "services/cli/topology.h"

namespace renxin::cli {

inline constexpr std::int64_t kStreamBytes = std::int64_t{4} << 30;

struct NatsOptions {
  std::string bind = "127.0.0.1";
  int port = 0;
  int http_port = 0;
  std::filesystem::path tls_cert;
  std::filesystem::path tls_key;
  std::filesystem::path store;
};

struct NatsUser {
  std::string name;
  std::vector<std::string> publish;
  std::vector<std::string> subscribe;
};

// One per service, then gateway and provision. The system account's `sys` is not among them.
std::vector<NatsUser> NatsUsers(const std::vector<Service>& services);

// `hash` gives the bcrypt hash of a user's password.
std::string NatsConfig(const std::vector<Service>& services, const NatsOptions& options,
                       const std::function<std::string(const std::string& user)>& hash);

// $2b$, cost 8: the passwords are random with 192 bits, a service reconnects often.
std::string BcryptHash(const std::string& password);

}  // namespace renxin::cli
