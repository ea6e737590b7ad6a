#pragma once
// The API explorer under /docs: a page of ours around swagger-ui-dist, embedded in the program.

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string_view>

#include "services/gateway/pages/page.h"

namespace renxin::gateway::explorer {

using pages::Page;

// Every file that is served (generated, infra/cmake/EmbedFiles.cmake).
std::span<const Page> Pages();

// Whether the path is the explorer's to answer: /docs and all below it.
bool Owns(std::string_view path);
boost::asio::awaitable<void> Answer(Connection& connection);

}  // namespace renxin::gateway::explorer
