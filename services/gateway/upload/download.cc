// A file page by page from its owner to the client.

#include "renxin/common/v1/common.pb.h"
#include "services/gateway/gateway.h"
#include "services/gateway/refusal.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;

Response HeadOf(const options::v1::Download& download) {
  Response head;
  head.content_type = download.content_type().empty() ? "application/octet-stream" : download.content_type();
  if (!download.file_name().empty()) {
    head.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + download.file_name() + "\"");
  }
  return head;
}

}  // namespace

asio::awaitable<void> Gateway::Download(Request& request) {
  Connection& connection = request.connection;
  Result<MessagePtr> message = co_await ReadMessage(request);
  const Result<const contract::MethodInfo*> method =
      message ? request.endpoint.Select(**message) : Result<const contract::MethodInfo*>(message.error());
  if (!method) {
    co_await connection.SendError(method.error());
    co_return;
  }
  const auto* token = request.endpoint.input()->FindFieldByName("page_token");
  bool begun = false;
  while (true) {
    Result<std::string> reply = co_await SendFor(request, **method, (*message)->SerializeAsString(), "");
    common::v1::BytesPage page;
    if (reply && !page.ParseFromString(*reply)) {
      reply = Refusal(Code::kInternal, Reason::kInternal, "the service gave no readable page");
    }
    if (!reply && begun) {
      connection.Abort();  // the status is long gone: a missing end is all that can be said
      co_return;
    }
    if (!reply) {
      co_await connection.SendError(std::move(reply).error());
      co_return;
    }
    bool there = true;
    if (!begun) {
      there = co_await connection.BeginStream(HeadOf(request.endpoint.info().http.download()));
      begun = true;
    }
    if (there) {
      there = co_await connection.SendStreamPiece(std::move(*page.mutable_data()));
    }
    if (!there) {
      co_return;
    }
    if (page.next_page_token().empty()) {
      break;
    }
    (*message)->GetReflection()->SetString(message->get(), token, page.next_page_token());
    request.deadline = std::chrono::steady_clock::now() + limits_.request_timeout;
  }
  co_await connection.EndStream();
}

}  // namespace renxin::gateway
