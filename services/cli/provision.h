#pragma once
// The streams, one per service; made or brought up to date, as often as one likes.

#include <string>
#include <vector>

#include "services/cli/topology.h"

namespace renxin::cli {

struct BrokerLogin {
  std::string url;
  std::string user;
  std::string password_file;
  std::string ca_file;
  // RENXIN_NATS_URL, RENXIN_NATS_USER (provision), RENXIN_NATS_PASSWORD_FILE, RENXIN_NATS_CA_FILE.
  static BrokerLogin FromEnvironment();
};

// Waits up to 10 s for the broker and its JetStream; returns the names of the streams.
std::vector<std::string> Provision(const std::vector<Service>& services, const BrokerLogin& login);

}  // namespace renxin::cli
