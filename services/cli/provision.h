#pragma once
// The streams, one per service; made or brought up to date, as often as one likes.

#include <string>
#include <vector>

#include "services/cli/topology.h"
#include "shared/bus/bus.h"

namespace renxin::cli {

// RENXIN_NATS_…; default user: provision.
bus::Options ProvisionLogin();

// Waits up to 10 s for the broker and its JetStream; returns the names of the streams.
std::vector<std::string> Provision(const std::vector<Service>& services, const bus::Options& login);

}  // namespace renxin::cli
