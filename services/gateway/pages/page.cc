#include "services/gateway/pages/page.h"

#include <algorithm>
#include <optional>

#include "services/gateway/condition/condition.h"
#include "services/gateway/pages/encoding.h"
#include "services/gateway/refusal.h"

namespace renxin::gateway::pages {
namespace {

namespace asio = boost::asio;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kPieceBytes = 64 * 1024;

Response HeadOf(const Page& page, bool inflated, Headers headers) {
  Response response;
  response.content_type = std::string(page.content_type);
  // Kept, and asked for again each time: a new release shows at once, and an old one costs a 304.
  response.cache_control = page.immutable ? "public, max-age=31536000, immutable" : "no-cache";
  response.length = inflated ? InflatedSize(page.bytes) : page.bytes.size();
  response.headers = std::move(headers);
  // Of two encodings of one file, a strong tag would name only one.
  response.headers.emplace_back("ETag", (page.gzip ? "W/" : "") + std::string(page.tag));
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  if (page.gzip) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
  if (page.gzip && !inflated) {
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

// In pieces: what a slow client has not taken yet must not lie in our memory once more for each of them.
asio::awaitable<void> SendPage(Connection& connection, const Page& page, Response head, bool inflated) {
  std::optional<Inflater> inflater;
  if (inflated) {
    inflater.emplace(page.bytes);
  }
  std::size_t at = 0;
  bool there = co_await connection.BeginStream(std::move(head));
  while (there) {
    std::string piece = inflater ? inflater->Next(kPieceBytes) : std::string(page.bytes.substr(at, kPieceBytes));
    at += piece.size();
    if (piece.empty()) {
      co_await connection.EndStream();
      co_return;
    }
    there = co_await connection.SendStreamPiece(std::move(piece));
  }
}

}  // namespace

const Page* Find(std::span<const Page> pages, std::string_view path) {
  const auto found = std::find_if(pages.begin(), pages.end(), [&](const Page& page) { return page.path == path; });
  return found == pages.end() ? nullptr : &*found;
}

asio::awaitable<void> Answer(Connection& connection, const Page* page, Headers headers) {
  const http::Head& head = connection.head();
  if (page == nullptr) {
    co_await connection.SendError(Refusal(Code::kNotFound, Reason::kUnknownRoute, "there is no such page"));
    co_return;
  }
  if (head.method != "GET" && head.method != "HEAD") {
    co_await connection.SendMethodNotAllowed("GET, HEAD");
    co_return;
  }
  const bool inflated = page->gzip && !AcceptsGzip(head);
  Response response = HeadOf(*page, inflated, std::move(headers));
  const bool current = NamedByIfNoneMatch(head, page->tag);
  if (!current && head.method == "GET") {
    co_await SendPage(connection, *page, std::move(response), inflated);
    co_return;
  }
  response.status = current ? 304 : 200;
  co_await connection.Send(std::move(response));
}

}  // namespace renxin::gateway::pages
