#include "shared/http/strict_json.h"

#include <boost/json/basic_parser_impl.hpp>

#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

namespace renxin::http {
namespace {

using boost::json::error_code;

// `leadId` and `lead_id` name one field.
std::string Canonical(std::string_view key) {
  std::string out;
  out.reserve(key.size());
  for (const char c : key) {
    if (c >= 'A' && c <= 'Z') {
      out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

// Called by Boost.JSON's parser, which asks for these names; keeps no value, only the keys of the open objects.
class Handler {
 public:
  // NOLINTBEGIN(readability-identifier-naming)
  static constexpr std::size_t max_object_size = 100'000;
  static constexpr std::size_t max_array_size = 100'000;
  static constexpr std::size_t max_key_size = 1'024;
  static constexpr std::size_t max_string_size = std::size_t{64} << 20;

  bool on_document_begin(error_code& /*ec*/) { return true; }
  bool on_document_end(error_code& /*ec*/) { return true; }
  bool on_object_begin(error_code& /*ec*/) {
    keys_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t /*n*/, error_code& /*ec*/) {
    keys_.pop_back();
    return true;
  }
  bool on_array_begin(error_code& ec) { return keys_.empty() ? Refuse("the text must be one JSON object", ec) : true; }
  bool on_array_end(std::size_t /*n*/, error_code& /*ec*/) { return true; }
  bool on_key_part(std::string_view part, std::size_t /*n*/, error_code& /*ec*/) {
    key_.append(part);
    return true;
  }
  bool on_key(std::string_view part, std::size_t /*n*/, error_code& ec) {
    key_.append(part);
    if (key_.find('\0') != std::string::npos) {
      return Refuse("a key holds U+0000", ec);
    }
    const bool fresh = keys_.back().insert(Canonical(key_)).second;
    key_.clear();
    return fresh ? true : Refuse("a key stands twice in one object", ec);
  }
  bool on_string_part(std::string_view part, std::size_t /*n*/, error_code& ec) { return Text(part, ec); }
  bool on_string(std::string_view part, std::size_t /*n*/, error_code& ec) { return Text(part, ec); }
  bool on_number_part(std::string_view part, error_code& /*ec*/) {
    number_.append(part);
    return true;
  }
  bool on_int64(std::int64_t /*value*/, std::string_view /*text*/, error_code& ec) {
    number_.clear();
    return Scalar(ec);
  }
  bool on_uint64(std::uint64_t value, std::string_view /*text*/, error_code& ec) {
    number_.clear();
    return value > INT64_MAX ? Refuse("an integer is outside 64 bits", ec) : Scalar(ec);
  }
  bool on_double(double value, std::string_view text, error_code& ec) {
    number_.append(text);
    const bool integer = number_.find_first_of(".eE") == std::string::npos;
    number_.clear();
    if (integer) {
      return Refuse("an integer is outside 64 bits", ec);
    }
    if (!std::isfinite(value)) {
      return Refuse("a number is too large", ec);
    }
    constexpr double kExactUpTo = 9007199254740992.0;  // 2^53
    return std::abs(value) >= kExactUpTo ? Refuse("a number would be rounded: write it as an integer", ec) : Scalar(ec);
  }
  bool on_bool(bool /*value*/, error_code& ec) { return Scalar(ec); }
  bool on_null(error_code& ec) { return Scalar(ec); }
  bool on_comment_part(std::string_view /*part*/, error_code& ec) { return Refuse("comments are not taken", ec); }
  bool on_comment(std::string_view /*part*/, error_code& ec) { return Refuse("comments are not taken", ec); }
  // NOLINTEND(readability-identifier-naming)

  const char* problem() const { return problem_; }

 private:
  bool Refuse(const char* problem, error_code& ec) {
    problem_ = problem;
    ec = boost::json::error::syntax;
    return false;
  }
  bool Scalar(error_code& ec) { return keys_.empty() ? Refuse("the text must be one JSON object", ec) : true; }
  bool Text(std::string_view part, error_code& ec) {
    return part.find('\0') != std::string_view::npos ? Refuse("a text holds U+0000", ec) : Scalar(ec);
  }

  std::vector<std::unordered_set<std::string>> keys_;
  std::string key_;
  std::string number_;
  const char* problem_ = nullptr;
};

Error MalformedJson(std::string_view problem, std::size_t offset) {
  return {.code = Code::kInvalidArgument,
          .reason = Reason::kMalformedJson,
          .message = std::string(problem) + " (near byte " + std::to_string(offset) + ")"};
}

}  // namespace

std::optional<Error> CheckJson(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kJsonMaxDepth;
  boost::json::basic_parser<Handler> parser(options);
  error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec) {
    const char* problem = parser.handler().problem();
    if (problem == nullptr) {
      problem = ec == boost::json::error::too_deep ? "the text is nested too deeply" : "the text is no JSON";
    }
    return MalformedJson(problem, used);
  }
  if (used != text.size()) {
    return MalformedJson("something follows the JSON object", used);
  }
  return std::nullopt;
}

}  // namespace renxin::http
