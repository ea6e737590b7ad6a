#include "services/identity/staff/imports.h"

#include "services/identity/staff/store.h"
#include "shared/core/text.h"

namespace renxin::identity::staff {
namespace {

using intake::Outcome;

// One person at a time: staff are few, and one row may name the next as its supervisor.
Outcome ApplyStaff(Tx& tx, intake::Batch& batch, const intake::Record& record) {
  intake::Fields fields(batch.kind, record.rows.front());
  const Period first{fields.Text("joined_on"), fields.Text("department"), fields.Text("group_no"), fields.Text("supervisor_no"),
                     fields.Text("plan")};
  const StaffEntry said = fields.Require(
      CheckStaff({record.no, fields.Text("name"), fields.Text("job"), fields.Text("joined_on"), fields.Text("left_on"), first}, Roles(),
                 batch.env.zone.DayOf(batch.now)));
  if (!fields.ok()) return fields.Fault();
  Staff s;
  const std::string& supervisor = said.first.supervisor_no;
  if (!supervisor.empty() && supervisor != record.no && !FindByNumber(tx, batch.source, supervisor)) {
    return Outcome::Waiting("supervisor_no", "staff", supervisor);
  }
  s.source = batch.source;
  s.staff_no = record.no;
  s.name = said.name;
  s.job = said.job;
  s.joined_on = said.joined_on;
  s.left_on = said.left_on;
  s.first = said.first;
  const std::string by = "import:" + batch.operation_id;
  if (record.target_id.empty()) {
    s.id = NewId();
    Insert(tx, batch.env, s, by, batch.now);
    return Outcome::Created(s.id);
  }
  s.id = record.target_id;
  Update(tx, batch.env, s, by, batch.now);
  return Outcome::Updated(s.id);
}

Outcome ApplyMove(Tx& tx, intake::Batch& batch, const intake::Record& record) {
  intake::Fields fields(batch.kind, record.rows.front());
  const std::string& no = fields.Text("staff_no");
  const auto id = FindByNumber(tx, batch.source, no);
  const Period typed{fields.Text("from"), fields.Text("department"), fields.Text("group_no"), fields.Text("supervisor_no"),
                     fields.Text("plan")};
  // Whether it lies before the day of joining is known when the person is.
  const Period move = fields.Require(CheckMove(typed, id ? JoinedOn(tx, *id) : "", batch.env.zone.DayOf(batch.now)));
  if (!fields.ok()) return fields.Fault();
  if (!id) return Outcome::Waiting("staff_no", "staff", no);
  const std::string& supervisor = move.supervisor_no;
  if (!supervisor.empty() && !FindByNumber(tx, batch.source, supervisor)) return Outcome::Waiting("supervisor_no", "staff", supervisor);
  const bool known = !record.target_id.empty();
  const std::string move_id = known ? record.target_id : NewId();
  StoreMove(tx, batch.env, move_id, *id, move, "import:" + batch.operation_id, batch.now);
  return known ? Outcome::Updated(move_id) : Outcome::Created(move_id);
}

template <Outcome (*One)(Tx&, intake::Batch&, const intake::Record&)>
std::vector<Outcome> Each(Tx& tx, intake::Batch& batch, const std::vector<intake::Record>& records) {
  std::vector<Outcome> out;
  out.reserve(records.size());
  for (const intake::Record& record : records) out.push_back(One(tx, batch, record));
  return out;
}

}  // namespace

intake::KindSpec StaffFile() {
  return {.kind = "staff",
          .columns = {{"staff_no", true},
                      {"name", true},
                      {"job", true},
                      {"department"},
                      {"group_no"},
                      {"supervisor_no"},
                      {"joined_on", true},
                      {"left_on"},
                      {"plan"}},
          .number = "staff_no",
          .apply = &Each<&ApplyStaff>};
}

intake::KindSpec MovesFile() {
  return {.kind = "moves",
          .columns = {{"staff_no", true}, {"from", true}, {"department"}, {"group_no"}, {"supervisor_no"}, {"plan"}},
          .number = "staff_no",
          .number_columns = {"staff_no", "from"},
          .apply = &Each<&ApplyMove>};
}

}  // namespace renxin::identity::staff
