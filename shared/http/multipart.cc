#include "shared/http/multipart.h"

#include <algorithm>
#include <optional>

#include "shared/core/text.h"
#include "shared/http/problem.h"

namespace renxin::http {
namespace {

Error MalformedForm(std::string_view message) { return Malformed("the form: " + std::string(message)); }

// The value of `key="…"` in a Content-Disposition; \" and %22 stand for a quotation mark (RFC 7578).
std::optional<std::string> Parameter(std::string_view header, std::string_view key) {
  const std::string start = "; " + std::string(key) + "=\"";
  auto at = header.find(start);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  std::string value;
  for (at += start.size(); at < header.size(); ++at) {
    if (header[at] == '"') {
      return value;
    }
    if (header[at] == '\\' && at + 1 < header.size()) {
      ++at;
    }
    value += header[at];
  }
  return std::nullopt;
}

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary, MultipartLimits limits)
    : delimiter_("\r\n--" + std::string(boundary)), limits_(limits), pending_("\r\n") {}

Status MultipartParser::Push(std::string_view bytes) {
  pending_.append(bytes);
  while (true) {
    ASSIGN_OR_RETURN(const bool again, ParseNext());
    if (!again) {
      return Ok{};
    }
  }
}

Status MultipartParser::Finish() const {
  if (!done()) {
    return MalformedForm(file_started() ? "it ends in the middle of the file" : "it ends before a file part");
  }
  return Ok{};
}

Result<bool> MultipartParser::ParseNext() {
  switch (state_) {
    case State::kDelimiter:
      return ParseDelimiter();
    case State::kAfterDelimiter:
    case State::kAfterFile: {
      if (pending_.size() < 2) {
        return false;
      }
      const bool end = pending_.starts_with("--");
      if (state_ == State::kAfterFile ? !end : !pending_.starts_with("\r\n")) {
        return MalformedForm(end                           ? "it holds no file"
                             : state_ == State::kAfterFile ? "the file must be the last part"
                                                           : "a boundary line is wrong");
      }
      pending_.erase(0, 2);
      state_ = end ? State::kEpilogue : State::kHeader;
      return true;
    }
    case State::kHeader:
      return ParseHeader();
    case State::kField:
      return ParseField();
    case State::kFile:
      return ParseFile();
    case State::kEpilogue:
      if (!std::string_view("\r\n").starts_with(pending_)) {
        return MalformedForm("something follows its end");
      }
      return false;
  }
  return false;
}

Result<bool> MultipartParser::ParseDelimiter() {
  const std::size_t known = std::min(pending_.size(), delimiter_.size());
  if (pending_.compare(0, known, delimiter_, 0, known) != 0) {
    return MalformedForm("it does not begin with its boundary");
  }
  if (pending_.size() < delimiter_.size()) {
    return false;
  }
  pending_.erase(0, delimiter_.size());
  state_ = State::kAfterDelimiter;
  return true;
}

Result<bool> MultipartParser::ParseHeader() {
  const auto end = pending_.find("\r\n\r\n");
  if (end == std::string::npos || end > limits_.max_part_header_bytes) {
    if (pending_.size() > limits_.max_part_header_bytes) {
      return MalformedForm("a part's header is too long");
    }
    return false;
  }
  RETURN_IF_ERROR(BeginPart(std::string_view(pending_).substr(0, end)));
  pending_.erase(0, end + 4);
  return true;
}

Status MultipartParser::BeginPart(std::string_view header) {
  std::optional<std::string> disposition;
  std::size_t start = 0;
  while (start <= header.size()) {
    const auto end = std::min(header.find("\r\n", start), header.size());
    const auto line = header.substr(start, end - start);
    const auto colon = line.find(':');
    const std::string name = ToLowerAscii(line.substr(0, colon));
    if (colon == std::string_view::npos || line.starts_with(' ') || line.starts_with('\t')) {
      return MalformedForm("a part's header is malformed");
    }
    if (name == "content-transfer-encoding" && ToLowerAscii(Trim(line.substr(colon + 1))) != "binary") {
      return MalformedForm("parts are sent as they are, without an encoding");
    }
    if (name == "content-disposition") {
      if (disposition) {
        return MalformedForm("a part has two dispositions");
      }
      disposition = std::string(Trim(line.substr(colon + 1)));
    }
    start = end + 2;
  }
  if (!disposition || !ToLowerAscii(*disposition).starts_with("form-data; ")) {
    return MalformedForm("a part is no form-data");
  }
  const auto name = Parameter(*disposition, "name");
  const auto file = Parameter(*disposition, "filename");
  if (!name || name->empty() || !IsCleanUtf8(*name) || (file && !IsCleanUtf8(*file))) {
    return MalformedForm("a part has no name");
  }
  name_ = *name;
  const bool known = std::any_of(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == name_; });
  if (known) {
    return MalformedForm("a field stands twice");
  }
  if (!file && fields_.size() == limits_.max_fields) {
    return MalformedForm("there are too many fields");
  }
  file_name_ = file.value_or("");
  state_ = file ? State::kFile : State::kField;
  return Ok{};
}

Result<bool> MultipartParser::ParseField() {
  const auto end = pending_.find(delimiter_);
  const std::size_t size = end == std::string::npos ? pending_.size() : end;
  if (size > limits_.max_field_bytes + (end == std::string::npos ? delimiter_.size() : 0)) {
    return Error{.code = Code::kTooLarge, .reason = Reason::kBodyTooLarge, .message = "a field of the form is too long"};
  }
  if (end == std::string::npos) {
    return false;
  }
  fields_.emplace_back(name_, pending_.substr(0, end));
  if (!IsCleanUtf8(fields_.back().second)) {
    return MalformedForm("a field is no UTF-8");
  }
  pending_.erase(0, end + delimiter_.size());
  state_ = State::kAfterDelimiter;
  return true;
}

Result<bool> MultipartParser::ParseFile() {
  if (pending_.size() < delimiter_.size()) {
    return false;
  }
  const auto end = pending_.find(delimiter_);
  // Without a delimiter, all but what may be the beginning of one.
  const std::size_t safe = end != std::string::npos ? end : pending_.size() - (delimiter_.size() - 1);
  file_data_.append(pending_, 0, safe);
  if (end == std::string::npos) {
    pending_.erase(0, safe);
    return false;
  }
  pending_.erase(0, end + delimiter_.size());
  state_ = State::kAfterFile;
  return true;
}

}  // namespace renxin::http
