#include "services/notifications/templates/handlers.h"

#include "services/notifications/policy/store.h"
#include "services/notifications/templates/store.h"
#include "shared/contract/page.h"
#include "shared/core/text.h"

namespace renxin::notifications::templates {
namespace {

v1::Template ToProto(const Row& row) {
  v1::Template out;
  out.set_id(row.id);
  out.set_code(row.text.code);
  out.set_version(row.version);
  out.set_kind(row.text.kind);
  out.set_body(row.text.body);
  out.set_provider_template_id(row.text.provider_template_id);
  out.set_advertises(row.text.advertises);
  out.set_approval_no(row.text.approval_no);
  out.set_approval_expires_on(row.text.approval_expires_on);
  out.set_marketing(IsMarketing(row.text.kind));
  if (const auto names = VariablesIn(row.text.body)) {
    for (const std::string& name : *names) out.add_variables(name);
  }
  out.set_created_by(row.created_by);
  out.set_created_at(FormatTime(row.created_at));
  return out;
}

}  // namespace

Result<v1::Template> CreateTemplate(Tx& tx, const CallContext& ctx, const v1::CreateTemplateRequest& req) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  const Template text{.code = req.code(),
                      .kind = req.kind(),
                      .body = req.body(),
                      .provider_template_id = req.provider_template_id(),
                      .advertises = req.advertises(),
                      .approval_no = req.approval_no(),
                      .approval_expires_on = req.approval_expires_on()};
  RETURN_IF_ERROR(CheckTemplate(text, PolicyOn(tx, today), today));
  HoldCode(tx, text.code);
  const auto current = Current(tx, {text.code});
  if (!current.empty() && current.begin()->second.text.kind != text.kind) {
    return InvalidField("kind", "N1", "the earlier versions of this code are of another kind");
  }
  return ToProto(Insert(tx, text, ctx.caller.username, ctx.now));
}

Result<v1::ListTemplatesResponse> ListTemplates(Tx& tx, const CallContext& /*ctx*/, const v1::ListTemplatesRequest& req) {
  const int limit = req.page_size() == 0 ? 50 : req.page_size();
  std::string after;
  std::int64_t version = 0;
  if (!req.page_token().empty()) {
    const std::vector<std::string> parts = SplitText(req.page_token(), '/');
    if (parts.size() != 2 || parts[1].empty()) return contract::InvalidPageToken();
    after = parts[0];
    ASSIGN_OR_RETURN(version, contract::ParseOffset(parts[1]));
  }
  v1::ListTemplatesResponse out;
  for (const Row& row : List(tx, req.code(), after, version, limit)) *out.add_templates() = ToProto(row);
  if (out.templates_size() == limit) {
    const v1::Template& last = out.templates(limit - 1);
    out.set_next_page_token(last.code() + "/" + std::to_string(last.version()));
  }
  return out;
}

Result<v1::Preview> PreviewTemplate(Tx& tx, const CallContext& ctx, const v1::PreviewTemplateRequest& req) {
  const auto row = Get(tx, req.id());
  if (!row) return NotFound("template");
  Values values;
  for (const auto& variable : req.variables()) {
    if (!values.emplace(variable.name(), variable.value()).second) {
      return InvalidField("variables", "N1", "{" + variable.name() + "} is given twice");
    }
  }
  ASSIGN_OR_RETURN(const std::string text, Render(row->text, values, PolicyOn(tx, ctx.env.zone.DayOf(ctx.now))));
  v1::Preview out;
  out.set_text(text);
  out.set_units(static_cast<int>(Units(text)));
  out.set_parts(static_cast<int>(Parts(text)));
  return out;
}

}  // namespace renxin::notifications::templates
