#pragma once
// The console under /c/: the files of console/, built and embedded. Its pages are views of one document, told apart by their paths
// (history routing), so every path that is no file of it answers that document.

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string_view>

#include "services/gateway/pages/page.h"

namespace renxin::gateway::console {

using pages::Page;

// Every file that is served (generated: infra/dev/console.py and infra/cmake/EmbedFiles.cmake).
std::span<const Page> Pages();

// Whether the path is the console's to answer: /c/ and all below it, and the root of the site, which leads there.
bool Owns(std::string_view path);
boost::asio::awaitable<void> Answer(Connection& connection);

}  // namespace renxin::gateway::console
