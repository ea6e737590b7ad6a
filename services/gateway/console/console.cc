#include "services/gateway/console/console.h"

namespace renxin::gateway::console {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kRoot = "/c/";
constexpr std::string_view kAssets = "/c/assets/";

// Nothing but our own files and routes, no style or script in the markup, and no text becomes a script unless Vue made it.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types vue";

const Page* PageFor(std::string_view path) {
  const Page* file = pages::Find(Pages(), path);
  return file != nullptr || path.starts_with(kAssets) ? file : pages::Find(Pages(), kRoot);
}

asio::awaitable<void> Redirect(Connection& connection) {
  Response response;
  response.status = 302;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Location", std::string(kRoot));
  co_await connection.Send(std::move(response));
}

}  // namespace

bool Owns(std::string_view path) { return path == "/" || path == "/c" || path.starts_with(kRoot); }

asio::awaitable<void> Answer(Connection& connection) {
  const http::Head& head = connection.head();
  if (!head.path.starts_with(kRoot) && (head.method == "GET" || head.method == "HEAD")) {
    co_await Redirect(connection);
    co_return;
  }
  std::vector<std::pair<std::string, std::string>> headers{{"Content-Security-Policy", kPolicy}, {"Permissions-Policy", "camera=(self)"}};
  co_await pages::Answer(connection, PageFor(head.path), std::move(headers));
}

}  // namespace renxin::gateway::console
