#pragma once
// Files that are embedded in the program and answered as they are: known by their exact paths, so there is no folder that a path
// could lead out of. Text may be held as gzip and is inflated for a client that does not take it.

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>

#include "services/gateway/server/connection.h"

namespace renxin::gateway::pages {

struct Page {
  std::string_view path;
  std::string_view content_type;
  std::string_view bytes;
  std::string_view tag;    // in quotation marks
  bool gzip = false;       // what `bytes` are
  bool immutable = false;  // its path has a digest of its content: another content, another path
};

// nullptr where there is none.
const Page* Find(std::span<const Page> pages, std::string_view path);
// GET and HEAD of a page under a Content-Security-Policy; 404 for nullptr. `headers` go with a page beside those that all have.
boost::asio::awaitable<void> Answer(Connection& connection, const Page* page, std::vector<std::pair<std::string, std::string>> headers);

}  // namespace renxin::gateway::pages
