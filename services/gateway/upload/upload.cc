#include "services/gateway/upload/upload.h"

#include <openssl/sha.h>

#include <array>

#include "renxin/common/v1/common.pb.h"
#include "services/gateway/gateway.h"
#include "services/gateway/refusal.h"
#include "shared/contract/validate.h"
#include "shared/core/text.h"
#include "shared/http/multipart.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;

std::string Sha256Hex(const std::string& data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
  return ToHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string UploadIdOf(const google::protobuf::Message& reply) {
  return reply.GetReflection()->GetString(reply, reply.GetDescriptor()->FindFieldByName("upload_id"));
}

// Where one upload stands between its pieces.
struct Progress {
  explicit Progress(const std::string& boundary) : form(boundary) {}

  http::MultipartParser form;
  const contract::MethodInfo* begin = nullptr;
  std::string upload_id;
  std::int64_t offset = 0;
  bool ended = false;
};

// The next chunk when there is a full one, or the last when the file has ended; empty otherwise.
std::string NextChunk(Progress* progress) {
  std::string& data = progress->form.file_data();
  if (data.size() < kChunkBytes && !progress->form.done()) {
    return "";
  }
  std::string chunk = data.substr(0, kChunkBytes);
  data.erase(0, chunk.size());
  return chunk;
}

// Reads on until something can be done: the file begins, a chunk is full, or the form has ended.
asio::awaitable<Status> ReadMore(Connection& connection, std::uint64_t limit, Progress* progress) {
  const Result<std::string> piece = co_await connection.ReadPiece(limit);
  if (!piece) {
    co_return piece.error();
  }
  if (!piece->empty()) {
    co_return progress->form.Push(*piece);
  }
  progress->ended = true;
  co_return progress->form.Finish();
}

}  // namespace

std::string ChunkMessage(const std::string& upload_id, std::int64_t offset, std::string data) {
  common::v1::Chunk chunk;
  chunk.set_upload_id(upload_id);
  chunk.set_offset(offset);
  chunk.set_sha256(Sha256Hex(data));
  chunk.set_data(std::move(data));
  return chunk.SerializeAsString();
}

std::string FinishMessage(const std::string& upload_id, std::int64_t size) {
  common::v1::UploadRef ref;
  ref.set_upload_id(upload_id);
  ref.set_size(size);
  return ref.SerializeAsString();
}

// The form's fields begin the upload; what the file brings goes on in chunks, each awaited, so that memory stays
// flat and the owner sets the pace; the answer to the last rpc is the client's.
asio::awaitable<void> Gateway::Upload(Request& request) {
  Connection& connection = request.connection;
  const std::string boundary = http::MultipartBoundary(connection.head().Find("content-type"));
  if (boundary.empty()) {
    co_await connection.SendError(Refusal(Code::kUnsupportedMedia, Reason::kWrongMediaType, "the body must be multipart/form-data"));
    co_return;
  }
  Progress progress(boundary);
  while (!progress.ended) {
    if (Status status = co_await ReadMore(connection, limits_.upload_bytes, &progress); !status) {
      co_await connection.SendError(std::move(status).error());
      co_return;
    }
    if (progress.form.file_started() && progress.begin == nullptr) {
      if (Status status = co_await BeginUpload(request, progress.form.fields(), &progress.begin, &progress.upload_id); !status) {
        co_await connection.SendError(std::move(status).error());
        co_return;
      }
    }
    for (std::string chunk = NextChunk(&progress); !chunk.empty(); chunk = NextChunk(&progress)) {
      if (Status status = co_await SendChunk(request, *progress.begin, progress.upload_id, progress.offset, chunk); !status) {
        co_await connection.SendError(std::move(status).error());
        co_return;
      }
      progress.offset += static_cast<std::int64_t>(chunk.size());
    }
  }
  co_await FinishUpload(request, *progress.begin, FinishMessage(progress.upload_id, progress.offset));
}

asio::awaitable<Status> Gateway::BeginUpload(Request& request, Pairs fields, const contract::MethodInfo** method, std::string* upload_id) {
  MessagePtr message = transcoder_.New(request.endpoint.input());
  if (Status status = transcoder_.ApplyFields(message.get(), fields); !status) {
    co_return status;
  }
  if (Status status = transcoder_.ApplyPath(message.get(), request.variables); !status) {
    co_return status;
  }
  contract::TrimTexts(message.get());
  if (auto error = contract::ValidationError(*message)) {
    co_return std::move(*error);
  }
  const Result<const contract::MethodInfo*> selected = request.endpoint.Select(*message);
  if (!selected) {
    co_return selected.error();
  }
  request.deadline = std::chrono::steady_clock::now() + limits_.request_timeout;
  const Result<std::string> reply = co_await SendFor(request, **selected, message->SerializeAsString(), request.idempotency_key);
  if (!reply) {
    co_return reply.error();
  }
  MessagePtr begun = transcoder_.New(request.endpoint.output());
  if (!begun->ParseFromString(*reply) || UploadIdOf(*begun).empty()) {
    throw std::runtime_error("an upload began without an id");
  }
  *method = *selected;
  *upload_id = UploadIdOf(*begun);
  co_return Ok{};
}

asio::awaitable<Status> Gateway::SendChunk(Request& request, const contract::MethodInfo& begin, const std::string& upload_id,
                                           std::int64_t offset, std::string data) {
  const auto& method = routes_.Sibling(begin, begin.http.upload().chunk());
  request.deadline = std::chrono::steady_clock::now() + limits_.request_timeout;
  const Result<std::string> reply = co_await SendFor(request, method, ChunkMessage(upload_id, offset, std::move(data)),
                                                     request.idempotency_key + "#" + std::to_string(offset));
  if (!reply) {
    co_return reply.error();
  }
  co_return Ok{};
}

asio::awaitable<void> Gateway::FinishUpload(Request& request, const contract::MethodInfo& begin, std::string message) {
  const auto& method = routes_.Sibling(begin, begin.http.upload().finish());
  request.deadline = std::chrono::steady_clock::now() + limits_.request_timeout;
  Result<std::string> reply = co_await SendFor(request, method, std::move(message), request.idempotency_key);
  if (!reply) {
    co_await request.connection.SendError(std::move(reply).error());
    co_return;
  }
  co_await Reply(request, method.descriptor->output_type(), std::move(reply).value());
}

}  // namespace renxin::gateway
