#include "services/identity/doctor/store.h"

#include "services/identity/staff/store.h"

namespace renxin::identity::doctor {
namespace {

using runtime::CheckedRow;
using runtime::DoctorContext;

// Nothing when it cannot be opened.
std::optional<std::string> OpenName(const Environment& env, const std::string& id, const std::string& data_key, const std::string& sealed) {
  try {
    return privacy::Sealer::Open(env.sealer.UnwrapKey(data_key, id), "staff.name:" + id, sealed);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

std::vector<CheckedRow> CheckStaff(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  std::vector<CheckedRow> rows;
  for (auto& [id, no, data_key, sealed, job, joined, left, department, group, supervisor, plan] :
       tx.Select<std::string, std::string, std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                 std::string, std::string>("select id, staff_no, data_key, name, job, joined_on, left_on, department, group_no, "
                                           "supervisor_no, plan from staff where id > :after order by id limit " +
                                               std::to_string(limit),
                                           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "staff", .id = id});
    const auto name = OpenName(ctx.env, id, data_key, sealed);
    if (!name) row.Add("G6", "the name cannot be opened with this service's keys");
    const bool sound = name && CheckName("name", *name, true).ok();
    if (name && !sound) row.Expect(CheckName("name", *name, true), "G8");
    // What is wrong with a name is listed once, and hides nothing else.
    const std::string for_rest = sound ? *name : "-";
    row.Expect(staff::CheckStaff({no, for_rest, job, joined, left, {joined, department, group, supervisor, plan}}, staff::Roles(), today),
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
