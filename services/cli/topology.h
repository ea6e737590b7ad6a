#pragma once
// Who is in the suite and who says what to whom, read from the contract; nothing here is written by hand.

#include <string>
#include <string_view>
#include <vector>

#include "shared/contract/descriptors.h"

namespace renxin::cli {

struct Durable {
  std::string name;       // commissions_on-settlement
  std::string publisher;  // leads
  std::string event;      // settlement_recorded
};

struct Service {
  std::string name;
  std::vector<std::string> events{};          // names it publishes
  std::vector<Durable> consumers{};           // what it takes from others
  std::vector<std::string> internal_calls{};  // subjects of the rpcs it may call
  std::vector<std::string> callers{};         // services that may call it, sorted
};

// Every service that answers OpsService, in the order of the contract. Throws CliError when a declared
// consumer does not fit: another's name, the own stream, an event that is not published.
std::vector<Service> Services(const contract::DescriptorSet& set);

// The values for which some service hosts `contract`: names of services, kinds of import files.
std::vector<std::string> HostedValues(const contract::DescriptorSet& set, std::string_view contract);

// EV_LEADS for leads; the same as runtime::StreamOf (cli_test holds it to it), without the whole runtime.
std::string StreamName(std::string_view service);

}  // namespace renxin::cli
