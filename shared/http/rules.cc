#include "shared/http/rules.h"

#include <algorithm>
#include <charconv>

#include "shared/core/text.h"
#include "shared/http/problem.h"

namespace renxin::http {
namespace {

namespace beast_http = boost::beast::http;
using Headers = std::vector<std::pair<std::string, std::string>>;

// Empty when every line ends in CRLF, none is folded and none holds a control character.
std::string_view RawProblem(std::string_view raw) {
  if (!raw.ends_with("\r\n\r\n") || raw.starts_with("\r\n")) {
    return "the head does not end in an empty line";
  }
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto byte = static_cast<unsigned char>(raw[i]);
    if (byte == '\r') {
      if (i + 1 == raw.size() || raw[i + 1] != '\n') {
        return "a carriage return stands alone";
      }
    } else if (byte == '\n') {
      if (i == 0 || raw[i - 1] != '\r') {
        return "a line feed stands alone";
      }
      if (i + 1 < raw.size() && (raw[i + 1] == ' ' || raw[i + 1] == '\t')) {
        return "a header is folded over two lines";
      }
    } else if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
      return "the head holds a control character";
    }
  }
  return "";
}

// The target is what stands between the first two spaces of the request line; exactly two.
std::string_view RequestLineProblem(std::string_view raw) {
  const auto line = raw.substr(0, raw.find("\r\n"));
  return std::count(line.begin(), line.end(), ' ') == 2 ? "" : "the request line must have two spaces";
}

std::string_view TargetProblem(std::string_view target, const RuleOptions& options) {
  if (target.size() > options.max_target_bytes) {
    return "the target is too long";
  }
  if (!target.starts_with('/') || !std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; })) {
    return "the target must be a path of visible ASCII";
  }
  const std::string lower = ToLowerAscii(target.substr(0, target.find('?')));
  for (const std::string_view banned : {"%2f", "%5c", "%00", "..", "%2e", "\\"}) {
    if (lower.find(banned) != std::string::npos) {
      return "the path holds what may not be in one";
    }
  }
  return "";
}

bool IsDropped(std::string_view name) {
  return name.starts_with("x-user-") || name.starts_with("x-internal-") ||
         (name.starts_with("renxin-") && name != "renxin-timeout-ms" && name != "renxin-console");
}

std::size_t CountOf(const Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& h) { return h.first == name; }));
}

std::string_view FindIn(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::string_view HostProblem(const Headers& headers, const RuleOptions& options) {
  if (CountOf(headers, "host") != 1) {
    return "there must be exactly one Host";
  }
  const std::string host = ToLowerAscii(FindIn(headers, "host"));
  const bool allowed = std::any_of(options.allowed_hosts.begin(), options.allowed_hosts.end(),
                                   [&](const std::string& one) { return ToLowerAscii(one) == host; });
  return allowed ? "" : "the Host is not one of ours";
}

// Body framing: exactly `chunked` under HTTP/1.1, or one Content-Length of digits, never both.
std::string_view FramingProblem(const Headers& headers, Head* head) {
  const std::size_t encodings = CountOf(headers, "transfer-encoding");
  const std::size_t lengths = CountOf(headers, "content-length");
  if (encodings > 1 || lengths > 1 || (encodings > 0 && lengths > 0)) {
    return "the length of the body is given twice";
  }
  if (encodings == 1) {
    head->chunked = ToLowerAscii(FindIn(headers, "transfer-encoding")) == "chunked";
    if (!head->chunked || !head->http_1_1) {
      return "Transfer-Encoding must be chunked, under HTTP/1.1";
    }
  }
  if (lengths == 1) {
    const auto text = FindIn(headers, "content-length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || text.size() > 18) {
      return "Content-Length must be a number";
    }
    head->content_length = length;
  }
  if (CountOf(headers, "trailer") > 0) {
    return "trailers are not taken";
  }
  const bool may_have_body = head->method == "POST" || head->method == "PUT" || head->method == "PATCH";
  return head->HasBody() && !may_have_body ? "this method takes no body" : "";
}

std::string_view SingleProblem(const Headers& headers, Head* head) {
  for (const std::string_view name :
       {"authorization", "content-type", "idempotency-key", "expect", "renxin-timeout-ms", "renxin-console", "traceparent", "if-match"}) {
    if (CountOf(headers, name) > 1) {
      return "a header that must stand alone came twice";
    }
  }
  if (CountOf(headers, "expect") == 1) {
    head->expects_continue = ToLowerAscii(FindIn(headers, "expect")) == "100-continue";
    return head->expects_continue ? "" : "Expect is not understood";
  }
  return "";
}

bool IsOurMethod(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE";
}

}  // namespace

std::string_view Head::Find(std::string_view name) const { return FindIn(headers, name); }

Result<Head> CheckHead(std::string_view raw, const beast_http::request_header<>& parsed, const RuleOptions& options) {
  for (const auto problem : {RawProblem(raw), RequestLineProblem(raw), TargetProblem(parsed.target(), options)}) {
    if (!problem.empty()) {
      return Malformed(problem);
    }
  }
  Head head;
  head.method = std::string(parsed.method_string());
  head.http_1_1 = parsed.version() == 11;
  const std::string_view target = parsed.target();
  const auto question = target.find('?');
  head.path = std::string(target.substr(0, question));
  head.query = question == std::string_view::npos ? "" : std::string(target.substr(question + 1));
  Headers all;
  for (const auto& field : parsed) {
    all.emplace_back(ToLowerAscii(field.name_string()), std::string(Trim(field.value())));
  }
  if (all.size() > options.max_headers) {
    return Malformed("there are too many headers");
  }
  for (const auto problem : {HostProblem(all, options), FramingProblem(all, &head), SingleProblem(all, &head)}) {
    if (!problem.empty()) {
      return Malformed(problem);
    }
  }
  if (!IsOurMethod(head.method)) {
    return Error{.code = Code::kMethodNotAllowed, .reason = Reason::kUnknownRoute, .message = "this method is not used here"};
  }
  const std::string connection = ToLowerAscii(FindIn(all, "connection"));
  head.keep_alive = head.http_1_1 && connection.find("close") == std::string::npos;
  std::erase_if(all, [](const auto& h) { return IsDropped(h.first); });
  head.headers = std::move(all);
  return head;
}

bool IsJsonType(std::string_view content_type) {
  const auto parts = SplitText(content_type, ';');
  if (parts.empty() || ToLowerAscii(Trim(parts[0])) != "application/json" || parts.size() > 2) {
    return false;
  }
  if (parts.size() == 1) {
    return true;
  }
  const std::string parameter = ToLowerAscii(Trim(parts[1]));
  return parameter == "charset=utf-8" || parameter == "charset=\"utf-8\"";
}

std::string MultipartBoundary(std::string_view content_type) {
  const auto parts = SplitText(content_type, ';');
  if (parts.size() != 2 || ToLowerAscii(Trim(parts[0])) != "multipart/form-data") {
    return "";
  }
  std::string_view parameter = Trim(parts[1]);
  if (ToLowerAscii(parameter.substr(0, 9)) != "boundary=") {
    return "";
  }
  parameter.remove_prefix(9);
  if (parameter.size() >= 2 && parameter.front() == '"' && parameter.back() == '"') {
    parameter = parameter.substr(1, parameter.size() - 2);
  }
  constexpr std::string_view kExtra = "'()+_,-./:=?";
  const bool fine = !parameter.empty() && parameter.size() <= 70 && std::all_of(parameter.begin(), parameter.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kExtra.find(c) != std::string_view::npos;
  });
  return fine ? std::string(parameter) : "";
}

}  // namespace renxin::http
