#include "services/gateway/explorer/explorer.h"

#include <algorithm>

#include "services/gateway/condition/condition.h"
#include "services/gateway/refusal.h"

namespace renxin::gateway::explorer {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kRoot = "/docs";
constexpr std::size_t kPieceBytes = 64 * 1024;

// The page may load and ask nothing but us, and nothing that stands in the markup is a script or a style.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

const Page* Find(std::string_view path) {
  if (path == "/docs/") {
    path = kRoot;
  }
  const auto pages = Pages();
  const auto found = std::find_if(pages.begin(), pages.end(), [&](const Page& page) { return page.path == path; });
  return found == pages.end() ? nullptr : &*found;
}

Response HeadOf(const Page& page) {
  Response response;
  response.content_type = std::string(page.content_type);
  // Kept, and asked for again each time: a new release shows at once, and an old one costs a 304.
  response.cache_control = "no-cache";
  response.length = page.bytes.size();
  response.headers.emplace_back("ETag", std::string(page.tag));
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

// In pieces: what a slow client has not taken yet must not lie in our memory once more for each of them.
asio::awaitable<void> SendPage(Connection& connection, const Page& page) {
  Response head = HeadOf(page);
  bool there = co_await connection.BeginStream(std::move(head));
  for (std::size_t at = 0; there && at < page.bytes.size(); at += kPieceBytes) {
    std::string piece(page.bytes.substr(at, kPieceBytes));
    there = co_await connection.SendStreamPiece(std::move(piece));
  }
  if (there) {
    co_await connection.EndStream();
  }
}

}  // namespace

bool Owns(std::string_view path) { return path == kRoot || path.starts_with("/docs/"); }

asio::awaitable<void> Answer(Connection& connection) {
  const http::Head& head = connection.head();
  const Page* page = Find(head.path);
  if (page == nullptr) {
    co_await connection.SendError(Refusal(Code::kNotFound, Reason::kUnknownRoute, "there is no such page"));
    co_return;
  }
  if (head.method != "GET" && head.method != "HEAD") {
    co_await connection.SendMethodNotAllowed("GET, HEAD");
    co_return;
  }
  const bool current = NamedByIfNoneMatch(head, page->tag);
  if (!current && head.method == "GET") {
    co_await SendPage(connection, *page);
    co_return;
  }
  Response response = HeadOf(*page);
  response.status = current ? 304 : 200;
  co_await connection.Send(std::move(response));
}

}  // namespace renxin::gateway::explorer
