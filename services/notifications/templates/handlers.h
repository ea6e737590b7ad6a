#pragma once
#include "renxin/notifications/v1/notifications.pb.h"
#include "shared/runtime/context.h"

namespace renxin::notifications::templates {

Result<v1::Template> CreateTemplate(Tx& tx, const CallContext& ctx, const v1::CreateTemplateRequest& req);
Result<v1::Template> GetTemplate(Tx& tx, const CallContext& ctx, const v1::GetTemplateRequest& req);
Result<v1::ListTemplatesResponse> ListTemplates(Tx& tx, const CallContext& ctx, const v1::ListTemplatesRequest& req);
Result<v1::Preview> PreviewTemplate(Tx& tx, const CallContext& ctx, const v1::PreviewTemplateRequest& req);

}  // namespace renxin::notifications::templates
