#include "services/identity/doctor/store.h"

#include "services/identity/staff/store.h"
#include "shared/db/rows.h"

namespace renxin::identity::doctor {
namespace {

using runtime::CheckedRow;
using runtime::DoctorContext;

// Nothing when it cannot be opened.
struct StoredStaff {
  std::string id;
  std::string staff_no;
  std::string data_key;
  std::string sealed_name;
  std::string job;
  std::string joined_on;
  std::string left_on;
  staff::Period first;
};
const db::Rows<StoredStaff> kStaff("staff", {{"id", &StoredStaff::id},
                                             {"staff_no", &StoredStaff::staff_no},
                                             {"data_key", &StoredStaff::data_key},
                                             {"name", &StoredStaff::sealed_name},
                                             {"job", &StoredStaff::job},
                                             {"joined_on", &StoredStaff::joined_on},
                                             {"left_on", &StoredStaff::left_on},
                                             {"department", &StoredStaff::first, &staff::Period::department},
                                             {"group_no", &StoredStaff::first, &staff::Period::group_no},
                                             {"supervisor_no", &StoredStaff::first, &staff::Period::supervisor_no},
                                             {"plan", &StoredStaff::first, &staff::Period::plan}});

std::optional<std::string> OpenName(const Environment& env, const StoredStaff& stored) {
  try {
    return privacy::Sealer::Open(env.sealer.UnwrapKey(stored.data_key, stored.id), "staff.name:" + stored.id, stored.sealed_name);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

std::vector<CheckedRow> CheckStaff(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  std::vector<CheckedRow> rows;
  for (const StoredStaff& stored : kStaff.Select(tx, "where id > :after order by id limit " + std::to_string(limit), {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "staff", .id = stored.id});
    const auto name = OpenName(ctx.env, stored);
    if (!name) row.Add("G6", "the name cannot be opened with this service's keys");
    const bool sound = name && CheckName("name", *name, true).ok();
    if (name && !sound) row.Expect(CheckName("name", *name, true), "G8");
    // What is wrong with a name is listed once, and hides nothing else.
    const std::string for_rest = sound ? *name : "-";
    staff::Period first = stored.first;
    first.from = stored.joined_on;
    row.Expect(staff::CheckStaff({stored.staff_no, for_rest, stored.job, stored.joined_on, stored.left_on, first}, staff::Roles(), today),
               "P1");
  }
  return rows;
}

std::vector<CheckedRow> CheckMoves(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  std::vector<CheckedRow> rows;
  for (auto& [id, from, department, group, supervisor, plan] :
       tx.Select<std::string, std::string, std::string, std::string, std::string, std::string>(
           "select id, from_day, department, group_no, supervisor_no, plan from moves where id > :after order by id limit " +
               std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "move", .id = id});
    // A day of joining that was corrected since is no fault of the move: it holds from that day (Fold).
    row.Expect(staff::CheckMove({from, department, group, supervisor, plan}, "", today), "P1");
  }
  return rows;
}

}  // namespace

std::vector<runtime::NamedCheck> Checks() { return {{"staff", &CheckStaff}, {"moves", &CheckMoves}}; }

}  // namespace renxin::identity::doctor
