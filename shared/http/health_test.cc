#include "shared/http/health.h"

#include <gtest/gtest.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <thread>

#include "shared/http/listen.h"

namespace renxin::http {
namespace {

namespace asio = boost::asio;

std::string Get(std::uint16_t port, const std::string& request) {
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), port});
  asio::write(socket, asio::buffer(request));
  std::string answer;
  boost::system::error_code ec;
  asio::read(socket, asio::dynamic_buffer(answer), ec);
  return answer;
}

TEST(Health, AnswersForKubernetesAndPrometheus) {
  asio::io_context context;
  std::atomic<bool> ready{false};
  HealthServer server(
      context, "127.0.0.1:0", [&] { return ready.load(); }, [] { return std::string("renxin_up 1\n"); });
  const auto port = server.port();
  std::thread thread([&] { context.run(); });
  EXPECT_TRUE(Get(port, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(Get(port, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 503"));
  ready = true;
  EXPECT_TRUE(Get(port, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(Get(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("renxin_up 1\n"));
  EXPECT_TRUE(Get(port, "GET /other HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(Get(port, "POST /livez HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 405"));
  server.Stop();
  thread.join();  // nothing else keeps the context running
}

TEST(Health, AddressesAreIpAndPort) {
  EXPECT_EQ(ParseEndpoint("localhost:80").port(), 80);
  EXPECT_EQ(ParseEndpoint("[::1]:81").port(), 81);
  for (const char* bad : {"", "80", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "name:1"}) {
    EXPECT_THROW(ParseEndpoint(bad), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace renxin::http
