#pragma once
// What Beast 1.81 lets through and we do not (anchors/pitfalls 7.1): one function over the raw bytes of a
// request's head and what Beast made of them. It runs after the head and before the body; a request that
// breaks it is answered 4xx and the connection is closed.

#include <boost/beast/http/message.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/result.h"

namespace renxin::http {

struct RuleOptions {
  // Hosts that are answered, with port where it is no default port; compared without case.
  std::vector<std::string> allowed_hosts;
  std::size_t max_headers = 64;
  std::size_t max_target_bytes = 2048;
};

// The head as the rest of the program sees it: copied, so that a trailer can never become a header.
struct Head {
  std::string method;  // GET, POST, PUT, PATCH or DELETE
  std::string path;    // raw, starts with '/'
  std::string query;   // raw, without '?'
  bool http_1_1 = true;
  bool keep_alive = true;
  bool chunked = false;
  bool expects_continue = false;
  std::optional<std::uint64_t> content_length;
  // Names in lower case; X-User-*, X-Internal-* and Renxin-* (but Renxin-Timeout-Ms and Renxin-Console) are left out.
  std::vector<std::pair<std::string, std::string>> headers;

  // The value, empty when absent. `name` in lower case.
  std::string_view Find(std::string_view name) const;
  bool HasBody() const { return chunked || content_length.value_or(0) > 0; }
};

// `raw` is everything up to and including the empty line; `parsed` is Beast's view of the same bytes.
// Refusals: kMethodNotAllowed for a method nobody has, else kInvalidArgument / kMalformedRequest.
Result<Head> CheckHead(std::string_view raw, const boost::beast::http::request_header<>& parsed, const RuleOptions& options);

// `application/json`, with no parameter but charset=utf-8.
bool IsJsonType(std::string_view content_type);
// The boundary of `multipart/form-data; boundary=…` (1 to 70 characters); empty when it is something else.
std::string MultipartBoundary(std::string_view content_type);

}  // namespace renxin::http
