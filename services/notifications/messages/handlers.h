#pragma once
#include "renxin/notifications/v1/notifications.pb.h"
#include "shared/runtime/context.h"

namespace renxin::notifications::messages {

Result<v1::ListMessagesResponse> ListMessages(Tx& tx, const CallContext& ctx, const v1::ListMessagesRequest& req);
Result<v1::MessageWithHistory> GetMessage(Tx& tx, const CallContext& ctx, const v1::GetMessageRequest& req);
Result<v1::Message> ReleaseMessage(Tx& tx, const CallContext& ctx, const v1::ReleaseMessageRequest& req);
Result<v1::ListMessagesResponse> ListTasks(Tx& tx, const CallContext& ctx, const v1::ListTasksRequest& req);
Result<v1::Message> CompleteTask(Tx& tx, const CallContext& ctx, const v1::CompleteTaskRequest& req);

}  // namespace renxin::notifications::messages
