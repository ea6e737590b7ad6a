#include "shared/runtime/history.h"

#include "renxin/common/v1/common.pb.h"
#include "renxin/ops/v1/ops.pb.h"
#include "shared/runtime/core.h"

namespace renxin::runtime {

std::string ReadHistory(Tx& tx, const Environment& env, std::string_view record_kind, std::string_view record_id,
                        const contract::Page& page, google::protobuf::RepeatedPtrField<common::v1::HistoryEntry>* entries) {
  const contract::Paged<db::Change> changes = db::ListHistory(tx, env.sealer, record_kind, record_id, page);
  for (const db::Change& change : changes.rows) {
    auto* entry = entries->Add();
    entry->set_at(FormatTime(change.at));
    entry->set_by(change.by);
    entry->set_from(change.from);
    entry->set_to(change.to);
    entry->set_why(change.why);
  }
  return changes.next_page_token;
}

// HistoryService, for every service whose contract hosts it for the kinds of its records.
void ServiceCore::AddHistory() {
  Rpc rpc{.command = false, .make = [] { return std::make_unique<ops::v1::GetHistoryRequest>(); }, .preflight = nullptr, .run = nullptr};
  rpc.run = [](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req, const void*) -> Result<MessagePtr> {
    const auto& request = static_cast<const ops::v1::GetHistoryRequest&>(req);
    auto out = std::make_unique<ops::v1::History>();
    RETURN_IF_ERROR(ReadHistory(tx, ctx.env, request.kind(), request.id(), request, out.get()));
    if (out->entries().empty() && request.page_token().empty()) return NotFound(request.kind());
    return MessagePtr(std::move(out));
  };
  for (const contract::MethodInfo& info : contract::MethodsOf(descriptors, config.service)) {
    if (info.name() != "HistoryService.GetHistory") continue;
    rpcs.emplace(info.name(), std::move(rpc));
    return;
  }
}

}  // namespace renxin::runtime
