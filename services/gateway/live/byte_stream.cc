#include "services/gateway/live/byte_stream.h"

#include <boost/beast/websocket/ssl.hpp>

#include "services/gateway/server/connection.h"

namespace renxin::gateway {

ByteStream::executor_type ByteStream::get_executor() const { return connection_.stream().get_executor(); }

void ByteStream::Read(boost::asio::mutable_buffer into, std::unique_ptr<Waiting> waiting) {
  connection_.stream().async_read_some(into, [kept = std::move(waiting)](error_code ec, std::size_t bytes) { kept->Done(ec, bytes); });
}

void ByteStream::Write(std::unique_ptr<Waiting> waiting) {
  connection_.stream().async_write_some(boost::asio::buffer(joined_),
                                        [kept = std::move(waiting)](error_code ec, std::size_t bytes) { kept->Done(ec, bytes); });
}

void ByteStream::Teardown(boost::beast::role_type role, std::unique_ptr<Waiting> waiting) {
  boost::beast::async_teardown(role, connection_.stream(), [kept = std::move(waiting)](error_code ec) { kept->Done(ec, 0); });
}

void ByteStream::Close() { boost::beast::get_lowest_layer(connection_.stream()).close(); }

}  // namespace renxin::gateway
