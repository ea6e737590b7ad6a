#include "services/notifications/templates/handlers.h"

#include "services/notifications/policy/policy.h"
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

Result<v1::Template> GetTemplate(Tx& tx, const CallContext& /*ctx*/, const v1::GetTemplateRequest& req) {
  const auto row = Get(tx, req.id());
  if (!row) return NotFound("template");
  return ToProto(*row);
}

Result<v1::ListTemplatesResponse> ListTemplates(Tx& tx, const CallContext& /*ctx*/, const v1::ListTemplatesRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kTemplateList, req));
  const contract::Paged<Row> page = List(tx, req.code(), asked);
  v1::ListTemplatesResponse out;
  for (const Row& row : page.rows) *out.add_templates() = ToProto(row);
  out.set_next_page_token(page.next_page_token);
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
