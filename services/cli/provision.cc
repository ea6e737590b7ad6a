#include "services/cli/provision.h"

#include <chrono>
#include <thread>

#include "services/cli/exit_code.h"
#include "services/cli/nats_config.h"
#include "shared/bus/jetstream.h"
#include "shared/core/variables.h"
#include "shared/observe/log.h"

namespace renxin::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::seconds kWait{10};
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

bus::Options ProvisionLogin() {
  bus::Options login{.user = "provision", .name = "renxin provision"};
  Variables variables;
  login.Read(&variables);
  return login;
}

std::vector<std::string> Provision(const std::vector<Service>& services, const bus::Options& login) {
  observe::ConfigureLog("renxin", "error");
  const auto end = SteadyClock::now() + kWait;
  const auto connection = bus::Connection::Open(login);
  while (!connection->connected()) {
    if (SteadyClock::now() > end) throw CliError(Exit::kCannotReach, "no NATS at " + login.url + " lets " + login.user + " in");
    std::this_thread::sleep_for(kPause);
  }
  bus::JetStream jetstream(connection);
  std::vector<std::string> streams;
  for (const Service& service : services) {
    const bus::StreamConfig wanted{.name = StreamName(service.name),
                                   .subjects = {"ev.renxin." + service.name + ".v1.>", "rp.renxin." + service.name + ".v1.>"},
                                   .max_bytes = kStreamBytes};
    for (;;) {
      try {
        jetstream.UpsertStream(wanted);
        break;
      } catch (const bus::BusError& error) {  // it may still be reading its store
        if (SteadyClock::now() > end) throw CliError(Exit::kFailed, wanted.name + ": " + error.what());
        std::this_thread::sleep_for(kPause);
      }
    }
    streams.push_back(wanted.name);
  }
  connection->Close(std::chrono::milliseconds(1'000));
  return streams;
}

}  // namespace renxin::cli
