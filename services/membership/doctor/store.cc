#include "services/membership/doctor/store.h"

#include "services/membership/surveys/rules.h"
#include "shared/facts/settlements.h"

namespace renxin::membership::doctor {
namespace {

using runtime::CheckedRow;
using runtime::DoctorContext;

std::vector<CheckedRow> CheckSurveys(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (auto& [id, answered_at] : tx.Select<std::string, std::int64_t>(
           "select id, answered_at from surveys where id > :after order by id limit " + std::to_string(limit), {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "survey", .id = id});
    row.Expect(surveys::CheckTime({answered_at}, ctx.now), "M10");
  }
  return rows;
}

}  // namespace

std::vector<runtime::NamedCheck> Checks() { return {facts::SettlementsCheck("M1"), {"surveys", &CheckSurveys}}; }

}  // namespace renxin::membership::doctor
