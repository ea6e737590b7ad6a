// The process around the gateway: signals, health, and the order in which things end.

#include <boost/asio/signal_set.hpp>

#include <unistd.h>

#include <csignal>
#include <exception>

#include "services/gateway/gateway.h"
#include "shared/http/health.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;
using observe::Level;
using observe::Log;

// Not ready, no new connections, the running requests to their end; a second signal ends at once.
void OnSignal(asio::signal_set& signals, const std::shared_ptr<Gateway>& gateway, const std::shared_ptr<Server>& server,
              asio::io_context& context) {
  signals.async_wait([&signals, gateway, server, &context](const boost::system::error_code& ec, int /*signal*/) {
    if (ec) {
      return;
    }
    Log(Level::kInfo, "draining", {{"connections", server->open()}});
    gateway->Stop();
    server->Drain([&context] { context.stop(); });
    signals.async_wait([](const boost::system::error_code& again, int /*signal*/) {
      if (!again) {
        ::_exit(1);
      }
    });
  });
}

}  // namespace

int RunGateway() try {
  const Config config = LoadConfig();
  observe::ConfigureLog("gateway", config.log_level);
  bus::Options nats = config.nats;
  nats.name = "gateway";
  const std::shared_ptr<bus::Connection> bus = bus::Connection::Open(std::move(nats));
  {
    asio::io_context context(1);
    const auto gateway = std::make_shared<Gateway>(context, config, contract::EmbeddedDescriptors(), bus);
    const auto server = std::make_shared<Server>(context, config, gateway);
    http::HealthServer health(
        context, config.health_address, [&] { return gateway->ready(); }, [] { return observe::MetricsText(); });
    asio::signal_set signals(context, SIGTERM, SIGINT);
    OnSignal(signals, gateway, server, context);
    gateway->Start();
    server->Start();
    Log(Level::kInfo, "listening", {{"address", config.address}, {"health", config.health_address}});
    context.run();
    bus->Close(std::chrono::seconds(2));  // before the context: its callbacks post to it
  }
  Log(Level::kInfo, "stopped");
  return 0;
} catch (const std::exception& failure) {
  Log(Level::kError, "the gateway cannot run", {{"what", failure.what()}});
  return 1;
}

}  // namespace renxin::gateway
