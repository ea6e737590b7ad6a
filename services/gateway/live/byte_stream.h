#pragma once
// The connection's TLS stream behind functions that are compiled once. Beast's websocket makes some forty operations of the stream it is
// given, and over TLS each of them would make those of TLS and of TCP again: three quarters of a minute of compiling.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/role.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace renxin::gateway {

class Connection;

class ByteStream {
 public:
  using executor_type = boost::asio::any_io_executor;
  using error_code = boost::system::error_code;

  // What is called once when a read, a write or a goodbye has ended; on the connection's executor.
  class Waiting {
   public:
    virtual ~Waiting() = default;
    virtual void Done(error_code ec, std::size_t bytes) = 0;
  };

  // `connection` must outlive it.
  explicit ByteStream(Connection& connection) : connection_(connection) {}

  executor_type get_executor() const;

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, boost::asio::mutable_buffer into) { Read(into, Wrap(std::move(handler))); }, token, First(buffers));
  }

  // A frame's head and its text become one record of TLS.
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          joined_.resize(std::min(boost::asio::buffer_size(from), kRecordMax));
          boost::asio::buffer_copy(boost::asio::buffer(joined_), from);
          Write(Wrap(std::move(handler)));
        },
        token, buffers);
  }

  // Beast's own names, found by the argument: the end of TLS, and of the socket below it.
  template <typename Handler>
  friend void async_teardown(boost::beast::role_type role, ByteStream& stream, Handler&& handler) {
    stream.Teardown(role, Wrap([kept = std::forward<Handler>(handler)](error_code ec, std::size_t) mutable { kept(ec); }));
  }
  friend void beast_close_socket(ByteStream& stream) { stream.Close(); }

 private:
  static constexpr std::size_t kRecordMax = 16 * 1024;

  template <typename Handler>
  class WaitingFor final : public Waiting {
   public:
    explicit WaitingFor(Handler handler) : handler_(std::move(handler)) {}
    void Done(error_code ec, std::size_t bytes) override { handler_(ec, bytes); }

   private:
    Handler handler_;
  };

  template <typename Handler>
  static std::unique_ptr<Waiting> Wrap(Handler handler) {
    return std::make_unique<WaitingFor<Handler>>(std::move(handler));
  }

  template <typename Buffers>
  static boost::asio::mutable_buffer First(const Buffers& buffers) {
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers); ++it) {
      if (boost::asio::mutable_buffer(*it).size() > 0) return *it;
    }
    return {};
  }

  void Read(boost::asio::mutable_buffer into, std::unique_ptr<Waiting> waiting);
  void Write(std::unique_ptr<Waiting> waiting);
  void Teardown(boost::beast::role_type role, std::unique_ptr<Waiting> waiting);
  void Close();

  Connection& connection_;
  std::vector<char> joined_;  // what is being written
};

}  // namespace renxin::gateway
