#pragma once
// The API explorer under /docs: a page of ours around swagger-ui-dist, embedded in the program. Its files are known by their exact
// paths, so there is no folder that a path could lead out of.

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string_view>

#include "services/gateway/server/connection.h"

namespace renxin::gateway::explorer {

struct Page {
  std::string_view path;
  std::string_view content_type;
  std::string_view bytes;
  std::string_view tag;  // in quotation marks
};

// Every file that is served (generated, infra/cmake/EmbedFiles.cmake).
std::span<const Page> Pages();

// Whether the path is the explorer's to answer: /docs and all below it.
bool Owns(std::string_view path);
boost::asio::awaitable<void> Answer(Connection& connection);

}  // namespace renxin::gateway::explorer
