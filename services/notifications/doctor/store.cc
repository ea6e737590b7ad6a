#include "services/notifications/doctor/store.h"

#include "renxin/notifications/v1/notifications_policy.pb.h"
#include "services/notifications/policy/policy.h"
#include "services/notifications/templates/rules.h"
#include "shared/core/entry.h"
#include "shared/db/rows.h"

namespace renxin::notifications::doctor {
namespace {

using runtime::CheckedRow;
using runtime::DoctorContext;

struct StoredTemplate : templates::Template {
  std::string id;
  Instant created_at;
};
const db::Rows<StoredTemplate> kTemplates("templates t", {{"id", &StoredTemplate::id},
                                                          {"code", &templates::Template::code},
                                                          {"kind", &templates::Template::kind},
                                                          {"body", &templates::Template::body},
                                                          {"provider_template_id", &templates::Template::provider_template_id},
                                                          {"advertises", &templates::Template::advertises},
                                                          {"approval_no", &templates::Template::approval_no},
                                                          {"approval_expires_on", &templates::Template::approval_expires_on},
                                                          {"created_at", &StoredTemplate::created_at}});

// The highest version of each code: it is what is sent, and a further version mends it.
std::vector<CheckedRow> CheckTemplates(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  const Policy policy = PolicyOn(tx, ctx.env.zone.DayOf(ctx.now));
  std::vector<CheckedRow> rows;
  for (const StoredTemplate& stored : kTemplates.Select(
           tx,
           "where id > :after and not exists (select 1 from templates newer where newer.code = t.code and newer.version > t.version) "
           "order by id limit " +
               std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "template", .id = stored.id});
    // On its own day: an approval that expired since is looked at before each sending.
    row.Expect(templates::CheckTemplate(stored, policy, ctx.env.zone.DayOf(stored.created_at)), "N1");
  }
  return rows;
}

std::vector<CheckedRow> CheckMembers(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (auto& [id, since] : tx.Select<std::string, std::string>(
           "select customer_id, member_since from members where customer_id > :after order by customer_id limit " + std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "member", .id = id});
    if (since.empty()) continue;
    const auto at = ParseTime(since);
    row.Expect(at, "M1");
    if (at) row.Expect(CheckHappened("member_since", *at, ctx.now, EntryPath::kFile), "M1");
  }
  return rows;
}

}  // namespace

std::vector<runtime::NamedCheck> Checks() { return {{"templates", &CheckTemplates}, {"members", &CheckMembers}}; }

}  // namespace renxin::notifications::doctor
