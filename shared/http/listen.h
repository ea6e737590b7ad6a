#pragma once
// Listening sockets, for the health server and the gateway.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace renxin::http {

// IP:PORT or [IPv6]:PORT; `localhost` is 127.0.0.1. Throws std::invalid_argument.
boost::asio::ip::tcp::endpoint ParseEndpoint(const std::string& address);

// A listening acceptor. Throws boost::system::system_error when the address cannot be had.
boost::asio::ip::tcp::acceptor Listen(boost::asio::io_context& context, const std::string& address);

}  // namespace renxin::http
