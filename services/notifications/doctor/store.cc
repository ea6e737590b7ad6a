#include "services/notifications/doctor/store.h"

#include "renxin/notifications/v1/notifications_policy.pb.h"
#include "services/notifications/policy/policy.h"
#include "services/notifications/templates/rules.h"
#include "shared/core/entry.h"

namespace renxin::notifications::doctor {
namespace {

using runtime::CheckedRow;
using runtime::DoctorContext;

// The highest version of each code: it is what is sent, and a further version mends it.
std::vector<CheckedRow> CheckTemplates(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  const Policy policy = PolicyOn(tx, ctx.env.zone.DayOf(ctx.now));
  std::vector<CheckedRow> rows;
  for (auto& [id, code, kind, body, provider, advertises, approval, expires, created_at] :
       tx.Select<std::string, std::string, std::string, std::string, std::string, std::int64_t, std::string, std::string, std::int64_t>(
           "select id, code, kind, body, provider_template_id, advertises, approval_no, approval_expires_on, created_at from templates t "
           "where id > :after and not exists (select 1 from templates newer where newer.code = t.code and newer.version > t.version) "
           "order by id limit " +
               std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "template", .id = id});
    // On its own day: an approval that expired since is looked at before each sending.
    row.Expect(templates::CheckTemplate({code, kind, body, provider, advertises != 0, approval, expires}, policy,
                                        ctx.env.zone.DayOf({created_at})),
               "N1");
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
