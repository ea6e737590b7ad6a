#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "services/gateway/routes/routes.h"
#include "services/gateway/transcode/transcode.h"
#include "shared/contract/descriptors.h"
#include "shared/http/multipart.h"
#include "shared/http/query.h"
#include "shared/http/rules.h"
#include "shared/http/strict_json.h"
#include "tests/fuzz/targets.h"

namespace renxin::fuzz {
namespace {

// The first line without its end, and what follows it.
std::pair<std::string_view, std::string_view> FirstLine(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return {bytes, {}};
  return {bytes.substr(0, end), bytes.substr(end + 1)};
}

const gateway::Routes& AllRoutes() {
  static const gateway::Routes routes(contract::EmbeddedDescriptors());
  return routes;
}

}  // namespace

void Must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void Head(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end > 16 * 1024) return;  // or nowhere
  const std::string_view raw = bytes.substr(0, end + 4);
  boost::beast::http::request_parser<boost::beast::http::string_body> parser;
  parser.header_limit(16 * 1024);
  boost::system::error_code ec;
  parser.put(boost::asio::buffer(raw.data(), raw.size()), ec);
  if (!parser.is_header_done()) return;
  const auto head = http::CheckHead(raw, parser.get().base(), {.allowed_hosts = {"x", "renxin.example"}});
  if (!head) return;
  Must(!head->path.empty() && head->path[0] == '/', "a path starts with /");
  Must(!(head->chunked && head->content_length), "chunked and a length are never both taken");
  for (const auto& [name, value] : head->headers) {
    Must(name.rfind("x-user-", 0) != 0 && name.rfind("x-internal-", 0) != 0, "a header of the inside came in");
    Must(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "a header holds the end of a line");
  }
}

void Path(std::string_view bytes) {
  const auto [line, query] = FirstLine(bytes);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return;
  std::string allow;
  const auto found = AllRoutes().Find(line.substr(0, space), line.substr(space + 1), &allow);
  if (found) {
    for (const auto& [name, value] : found->variables) {
      Must(!value.empty() && value != "." && value != "..", "a variable of a path is something");
      Must(value.find('/') == std::string::npos && value.find('\0') == std::string::npos, "a variable is one segment");
    }
  }
  const auto pairs = http::ParseQuery(query);
  if (pairs) Must(pairs->size() <= 64, "a query is bounded");
}

void Json(std::string_view bytes) {
  static gateway::Transcoder transcoder(contract::EmbeddedDescriptors());
  const auto [line, body] = FirstLine(bytes);
  const std::size_t space = line.find(' ');
  std::string allow;
  const bool strict = !http::CheckJson(body);
  if (space == std::string_view::npos) return;
  const auto found = AllRoutes().Find(line.substr(0, space), line.substr(space + 1), &allow);
  if (!found) return;
  const auto* type = found->endpoint->input();
  const auto message = transcoder.FromJson(type, body);
  if (!message) return;
  Must(strict || body.empty(), "what is no strict JSON was taken");
  // What was taken is written and taken again as the same.
  const std::string bytes_once = (*message)->SerializeAsString();
  if (!body.empty()) {
    const auto converted = transcoder.ConvertFromJson(type, body);
    Must(converted.ok() && (*converted)->SerializeAsString() == bytes_once, "our reader takes what Protobuf's converter takes, and as the same");
  }
  Must(transcoder.ToJson(type, bytes_once) == transcoder.ConvertToJson(type, bytes_once), "our writer writes what the converter writes");
  const auto again = transcoder.FromJson(type, transcoder.ToJson(type, bytes_once));
  Must(again.ok() && (*again)->SerializeAsString() == bytes_once, "what is written is read as the same");
}

void Multipart(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t step = 1 + static_cast<unsigned char>(bytes[0]) % 64;
  bytes.remove_prefix(1);
  const auto read = [bytes](std::size_t piece) {
    http::MultipartParser parser("b");
    std::string file;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      if (!parser.Push(bytes.substr(at, piece))) return std::string("refused");
      file += parser.file_data();
      parser.file_data().clear();
    }
    if (!parser.Finish()) return std::string("refused");
    std::string out = parser.file_name() + '\n' + file;
    for (const auto& [name, value] : parser.fields()) out += '\n' + name + '=' + value;
    return out;
  };
  Must(read(step) == read(bytes.size() + 1), "a form means the same in whatever pieces it comes");
}

}  // namespace renxin::fuzz
