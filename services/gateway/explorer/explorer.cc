#include "services/gateway/explorer/explorer.h"

namespace renxin::gateway::explorer {
namespace {

constexpr std::string_view kRoot = "/docs";

// The page may load and ask nothing but us, and nothing that stands in the markup is a script or a style.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

}  // namespace

bool Owns(std::string_view path) { return path == kRoot || path.starts_with("/docs/"); }

boost::asio::awaitable<void> Answer(Connection& connection) {
  const std::string_view path = connection.head().path;
  std::vector<std::pair<std::string, std::string>> headers{{"Content-Security-Policy", kPolicy}};
  co_await pages::Answer(connection, pages::Find(Pages(), path == "/docs/" ? kRoot : path), std::move(headers));
}

}  // namespace renxin::gateway::explorer
