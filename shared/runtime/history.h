#pragma once
// G5: what happened to a record, read back.

#include <string_view>

#include "shared/runtime/context.h"

namespace google::protobuf {
template <typename Element>
class RepeatedPtrField;
}
namespace renxin::common::v1 {
class HistoryEntry;
}

namespace renxin::runtime {

// Appends the history of a record, oldest first, at most 200 entries. Whether the caller may see it is
// the caller's question.
void ReadHistory(Tx& tx, const Environment& env, std::string_view record_kind, std::string_view record_id,
                 google::protobuf::RepeatedPtrField<common::v1::HistoryEntry>* entries);

}  // namespace renxin::runtime
