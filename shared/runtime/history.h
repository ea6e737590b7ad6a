#pragma once
// G5: what happened to a record, read back.

#include <string_view>

#include "shared/contract/page.h"
#include "shared/db/platform_tables.h"
#include "shared/runtime/context.h"

namespace google::protobuf {
template <typename Element>
class RepeatedPtrField;
}
namespace renxin::common::v1 {
class HistoryEntry;
}

namespace renxin::runtime {

// A page of the history of a record, oldest first; appended to `entries`. Whether the caller may see it is the caller's question.
// Returns the token of the next page.
std::string ReadHistory(Tx& tx, const Environment& env, std::string_view record_kind, std::string_view record_id,
                        const contract::Page& page, google::protobuf::RepeatedPtrField<common::v1::HistoryEntry>* entries);
// For a request and an answer that are a list of `entries`.
template <class Req, class Res>
Status ReadHistory(Tx& tx, const Environment& env, std::string_view record_kind, std::string_view record_id, const Req& req, Res* out) {
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(db::kHistoryList, req));
  out->set_next_page_token(ReadHistory(tx, env, record_kind, record_id, page, out->mutable_entries()));
  return Ok{};
}

}  // namespace renxin::runtime
