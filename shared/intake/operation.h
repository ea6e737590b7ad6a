#pragma once
// An import as it is stored. Apart from store.h, which modules read: its state and report are generated types.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "renxin/intake/v1/intake.pb.h"
#include "shared/core/encoding.h"
#include "shared/runtime/context.h"

namespace renxin::intake::store {

using v1::OperationState;

struct Operation {
  std::string id;
  std::int64_t seq = 0;  // operations of a service are numbered as they begin
  std::string kind;
  std::string source;
  bool dry_run = false;
  OperationState state = OperationState::OPERATION_STATE_UNSPECIFIED;
  std::vector<std::string> header;
  std::int64_t size = 0;
  std::int64_t offset = 0;
  std::int64_t line = 1;
  // 0 reading the file, 1 applying the staged records of a grouped kind.
  int phase = 0;
  // kUnknown: the file was looked through for its encoding as far as `scanned`, with these counts; `offset` is 0.
  TextEncoding encoding = TextEncoding::kUnknown;
  std::int64_t scanned = 0;
  EncodingCounts counts{};
  std::string failure;
  v1::ImportReport report;
};

// Numbers it.
void Insert(Tx& tx, const Operation& op, std::string_view by, Instant now);
std::optional<Operation> Load(Tx& tx, std::string_view id, bool for_update);
void Save(Tx& tx, const Operation& op);

}  // namespace renxin::intake::store
