#pragma once
#include <google/protobuf/repeated_field.h>

#include "renxin/common/v1/common.pb.h"
#include "shared/runtime/context.h"

namespace renxin::notifications::messages {

// The history of a record, oldest first.
inline void AddHistory(Tx& tx, std::string_view record_kind, const std::string& id,
                       google::protobuf::RepeatedPtrField<common::v1::HistoryEntry>* out) {
  for (const db::Change& change : db::HistoryOf(tx, record_kind, id)) {
    auto* entry = out->Add();
    entry->set_at(FormatTime(change.at));
    entry->set_by(change.by);
    entry->set_from(change.from);
    entry->set_to(change.to);
    entry->set_why(change.why);
  }
}

}  // namespace renxin::notifications::messages
