#include "services/notifications/messages/handlers.h"

#include "services/notifications/messages/store.h"
#include "shared/runtime/history.h"

namespace renxin::notifications::messages {
namespace {

v1::Message ToProto(const Row& row) {
  v1::Message out;
  out.set_id(row.id);
  out.set_kind(row.kind);
  out.set_customer_id(row.recipient);
  out.set_occasion(row.occasion);
  out.set_channel(row.channel);
  out.set_state(static_cast<v1::MessageState>(row.state));
  out.set_reason(row.reason);
  out.set_template_code(row.template_code);
  out.set_template_version(row.template_version);
  out.set_parts(static_cast<int>(row.parts));
  out.set_day(row.day);
  out.set_due_at(FormatTime(row.due_at));
  if (row.expires_at) out.set_expires_at(FormatTime(*row.expires_at));
  if (row.accepted_at) out.set_accepted_at(FormatTime(*row.accepted_at));
  out.set_version(row.version);
  return out;
}

v1::ListMessagesResponse ToProto(const contract::Paged<Row>& page) {
  v1::ListMessagesResponse out;
  for (const Row& row : page.rows) *out.add_messages() = ToProto(row);
  out.set_next_page_token(page.next_page_token);
  return out;
}

}  // namespace

Result<v1::ListMessagesResponse> ListMessages(Tx& tx, const CallContext& /*ctx*/, const v1::ListMessagesRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(kMessageList, req));
  Filter filter{.kind = req.kind(), .day = req.day(), .recipient = req.customer_id()};
  if (req.state() != v1::MESSAGE_STATE_UNSPECIFIED) filter.state = static_cast<State>(req.state());
  return ToProto(List(tx, filter, page));
}

Result<v1::MessageWithHistory> GetMessage(Tx& tx, const CallContext& ctx, const v1::GetMessageRequest& req) {
  const auto row = Get(tx, req.id());
  if (!row) return NotFound("message");
  v1::MessageWithHistory out;
  *out.mutable_message() = ToProto(*row);
  runtime::ReadHistory(tx, ctx.env, "message", row->id, contract::Page(contract::Page::kMaxSize), out.mutable_history());
  return out;
}

Result<v1::Message> ReleaseMessage(Tx& tx, const CallContext& ctx, const v1::ReleaseMessageRequest& req) {
  auto row = GetForUpdate(tx, req.id());
  if (!row) return NotFound("message");
  if (row->state != State::kHeld) return WrongState("N6: only a held message is released; it is " + std::string(NameOf(row->state)));
  row->state = req.to() == "dropped" ? State::kDropped : State::kScheduled;
  row->due_at = ctx.now;
  row->handed_at = std::nullopt;
  SaveTyped(tx, ctx.env, *row, State::kHeld, {ctx.caller.username, req.reason()}, ctx.now);
  db::Schedule(tx, "send", "", ctx.now);
  return ToProto(*row);
}

Result<v1::ListMessagesResponse> ListTasks(Tx& tx, const CallContext& /*ctx*/, const v1::ListTasksRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(kTaskList, req));
  return ToProto(OpenTasks(tx, page));
}

Result<v1::Message> CompleteTask(Tx& tx, const CallContext& ctx, const v1::CompleteTaskRequest& req) {
  auto row = GetForUpdate(tx, req.id());
  if (!row || !row->task()) return NotFound("task");
  if (row->state != State::kAccepted) return WrongState("N6: only an open task is done; it is " + std::string(NameOf(row->state)));
  row->state = State::kDelivered;
  SaveTyped(tx, ctx.env, *row, State::kAccepted, {ctx.caller.username, req.result()}, ctx.now);
  return ToProto(*row);
}

}  // namespace renxin::notifications::messages
