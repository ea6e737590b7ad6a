#pragma once
// An import as it is stored. Apart from store.h, which modules read: its report is a generated type.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "renxin/operations/v1/operations.pb.h"
#include "shared/core/encoding.h"
#include "shared/runtime/context.h"

namespace renxin::intake::store {

// What an import is beyond its operation (shared/operations), under the same id.
struct Import {
  std::string id;
  std::int64_t seq = 0;  // imports of a service are numbered as they begin
  std::string kind;
  std::string source;
  bool dry_run = false;
  std::vector<std::string> header;
  std::int64_t size = 0;
  std::int64_t offset = 0;
  std::int64_t line = 1;
  // 0 reading the file, 1 applying the staged records of a grouped kind, 2 deleting what it was made from.
  int phase = 0;
  // kUnknown: the file was looked through for its encoding as far as `scanned`, with these counts; `offset` is 0.
  TextEncoding encoding = TextEncoding::kUnknown;
  std::int64_t scanned = 0;
  EncodingCounts counts{};
  operations::v1::ImportReport report;
  // How a step ended it; the operation keeps it.
  bool finished = false;
  std::string failure{};
};

// Numbers it.
void Insert(Tx& tx, const Import& import);
std::optional<Import> Load(Tx& tx, std::string_view id, bool for_update);
void Save(Tx& tx, const Import& import);

}  // namespace renxin::intake::store
