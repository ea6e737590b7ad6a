#pragma once
// multipart/form-data as a stream: bytes in as they come, form fields and file bytes out. Pure: no I/O.
// The form is narrower than RFC 7578 allows so that memory stays flat: small fields first, then exactly
// one file part, which is the last.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/result.h"

namespace renxin::http {

struct MultipartLimits {
  std::size_t max_fields = 32;
  std::size_t max_field_bytes = 16 * 1024;
  std::size_t max_part_header_bytes = 4 * 1024;
};

class MultipartParser {
 public:
  // `boundary` as MultipartBoundary returns it.
  explicit MultipartParser(std::string_view boundary, MultipartLimits limits = {});

  // Takes the next bytes. kMalformedRequest, or kBodyTooLarge for a field beyond its limit; after an error the
  // parser is of no further use.
  Status Push(std::string_view bytes);
  // After the last bytes: refuses a form that has not come to its end or holds no file.
  Status Finish() const;

  // True once the file part has begun: all fields are known.
  bool file_started() const { return state_ >= State::kFile; }
  bool done() const { return state_ >= State::kEpilogue; }
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
  const std::string& file_name() const { return file_name_; }
  // File bytes that have come and not been taken; the caller takes them after each Push.
  std::string& file_data() { return file_data_; }

 private:
  enum class State { kDelimiter, kAfterDelimiter, kHeader, kField, kFile, kAfterFile, kEpilogue };

  // One step on what is buffered; false when more bytes are needed.
  Result<bool> ParseNext();
  Result<bool> ParseDelimiter();
  Result<bool> ParseHeader();
  Result<bool> ParseField();
  Result<bool> ParseFile();
  Status BeginPart(std::string_view header);

  std::string delimiter_;
  MultipartLimits limits_;
  State state_ = State::kDelimiter;
  std::string pending_;
  std::string name_;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string file_name_;
  std::string file_data_;
};

}  // namespace renxin::http
