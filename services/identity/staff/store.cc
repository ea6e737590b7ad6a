#include "services/identity/staff/store.h"

#include "renxin/identity/v1/identity_events.pb.h"
#include "shared/db/rows.h"
#include "shared/privacy/record.h"

namespace renxin::identity::staff {
namespace {

constexpr std::string_view kTable = "staff";

struct Stored : Staff {
  std::string data_key;
  std::string sealed_name;
};
const db::Rows<Stored> kStaff("staff", {{"id", &Staff::id},
                                        {"source", &Staff::source},
                                        {"staff_no", &Staff::staff_no},
                                        {"data_key", &Stored::data_key},
                                        {"name", &Stored::sealed_name},
                                        {"job", &Staff::job},
                                        {"joined_on", &Staff::joined_on},
                                        {"left_on", &Staff::left_on},
                                        {"department", &Staff::first, &Period::department},
                                        {"group_no", &Staff::first, &Period::group_no},
                                        {"supervisor_no", &Staff::first, &Period::supervisor_no},
                                        {"plan", &Staff::first, &Period::plan},
                                        {"version", &Staff::version}});

std::vector<Period> MovesOf(Tx& tx, const std::string& id) {
  std::vector<Period> moves;
  for (auto& [from, department, group, supervisor, plan] : tx.Select<std::string, std::string, std::string, std::string, std::string>(
           "select from_day, department, group_no, supervisor_no, plan from moves where staff_id = :id order by from_day limit 500",
           {{"id", id}})) {
    moves.push_back({from, department, group, supervisor, plan});
  }
  return moves;
}

std::vector<Staff> SelectStaff(Tx& tx, const Environment& env, const std::string& where, const db::Binds& binds) {
  std::vector<Staff> out;
  for (Stored& s : kStaff.Select(tx, where, binds)) {
    s.first.from = s.joined_on;
    s.name = privacy::SealedRecord::Load(env.sealer, kTable, s.id, s.data_key).Open("name", s.sealed_name);
    s.periods = Fold(s.first, MovesOf(tx, s.id));
    out.push_back(std::move(s));
  }
  return out;
}

void PublishStaff(Tx& tx, const Staff& s, Instant now) {
  v1::StaffChanged event;
  event.set_staff_id(s.id);
  event.set_source(s.source);
  event.set_staff_no(s.staff_no);
  event.set_job(s.job);
  event.set_joined_on(s.joined_on);
  event.set_left_on(s.left_on);
  for (const Period& period : s.periods) {
    auto* to = event.add_periods();
    to->set_from(period.from);
    to->set_department(period.department);
    to->set_group_no(period.group_no);
    to->set_supervisor_no(period.supervisor_no);
    to->set_plan(period.plan);
  }
  event.set_version(s.version);
  db::Publish(tx, {s.id, s.version, now, now}, event);
}

// What may change of a member of staff, sealed where it is personal.
db::Binds Changeable(const privacy::SealedRecord& record, const Staff& s) {
  return {{"name", record.Seal("name", s.name)},
          {"job", s.job},
          {"joined", s.joined_on},
          {"left", db::TextOrNull(s.left_on)},
          {"department", db::TextOrNull(s.first.department)},
          {"group", db::TextOrNull(s.first.group_no)},
          {"supervisor", db::TextOrNull(s.first.supervisor_no)},
          {"plan", db::TextOrNull(s.first.plan)},
          {"id", s.id}};
}

}  // namespace

const std::vector<std::string>& Roles() {
  static const std::vector<std::string> kRoles{
      "rep",           "supervisor",       "market_director",           "leader",    "consultant", "front_desk", "back_office",
      "operations",    "customer_service", "customer_service_director", "clinician", "finance",    "personnel",  "compliance",
      "administrator", "auditor"};
  return kRoles;
}

void Insert(Tx& tx, const Environment& env, const Staff& s, std::string_view by, Instant now) {
  const auto record = privacy::SealedRecord::New(env.sealer, kTable, s.id);
  db::Binds binds = Changeable(record, s);
  binds.emplace_back("source", s.source);
  binds.emplace_back("no", s.staff_no);
  binds.emplace_back("key", record.wrapped_key());
  binds.emplace_back("now", now.micros);
  const std::int64_t rows = tx.Exec(
      "insert into staff (id, source, staff_no, data_key, name, job, joined_on, left_on, department, group_no, supervisor_no, plan, "
      "version, created_at) values (:id, :source, :no, :key, :name, :job, :joined, :left, :department, :group, :supervisor, :plan, 1, "
      ":now) on conflict (source, staff_no) do nothing",
      binds);
  // Somebody else has entered this number since it was looked for: it is found the next time.
  if (rows == 0) throw db::DbError(db::ErrorKind::kRetry, "staff number raced");
  db::AppendHistory(tx, {"staff", s.id, now, std::string(by), "", "joined", ""});
  PublishStaff(tx, *Get(tx, env, s.id), now);
}

void Update(Tx& tx, const Environment& env, const Staff& s, std::string_view by, Instant now) {
  const std::string data_key =
      std::get<0>(*tx.First<std::string>("select data_key from staff where id = :id" + std::string(tx.ForUpdate()), {{"id", s.id}}));
  tx.Exec(
      "update staff set name = :name, job = :job, joined_on = :joined, left_on = :left, department = :department, group_no = :group, "
      "supervisor_no = :supervisor, plan = :plan, version = version + 1 where id = :id",
      Changeable(privacy::SealedRecord::Load(env.sealer, kTable, s.id, data_key), s));
  db::AppendHistory(tx, {"staff", s.id, now, std::string(by), "", "", "changed"});
  PublishStaff(tx, *Get(tx, env, s.id), now);
}

void StoreMove(Tx& tx, const Environment& env, const std::string& move_id, const std::string& staff_id, const Period& move,
               std::string_view by, Instant now) {
  tx.Exec(
      "insert into moves (id, staff_id, from_day, department, group_no, supervisor_no, plan) "
      "values (:id, :staff, :from, :department, :group, :supervisor, :plan) on conflict (staff_id, from_day) do update set "
      "department = excluded.department, group_no = excluded.group_no, supervisor_no = excluded.supervisor_no, plan = excluded.plan",
      {{"id", move_id},
       {"staff", staff_id},
       {"from", move.from},
       {"department", db::TextOrNull(move.department)},
       {"group", db::TextOrNull(move.group_no)},
       {"supervisor", db::TextOrNull(move.supervisor_no)},
       {"plan", db::TextOrNull(move.plan)}});
  tx.Exec("update staff set version = version + 1 where id = :id", {{"id", staff_id}});
  db::AppendHistory(tx, {"staff", staff_id, now, std::string(by), "", "moved", "from " + move.from});
  PublishStaff(tx, *Get(tx, env, staff_id), now);
}

void Lock(Tx& tx, const std::string& id) {
  tx.First<std::int64_t>("select version from staff where id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
}

std::optional<Staff> Get(Tx& tx, const Environment& env, const std::string& id) {
  auto rows = SelectStaff(tx, env, "where id = :id", {{"id", id}});
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

contract::Paged<Staff> List(Tx& tx, const Environment& env, const ListFilter& filter, const contract::Page& page) {
  std::string where = "where id > :after";
  db::Binds binds{{"after", page.Text(0)}};
  const auto equal = [&](const char* column, const std::string& value) {
    if (value.empty()) return;
    where += std::string(" and ") + column + " = :" + column;
    binds.emplace_back(column, value);
  };
  equal("source", filter.source);
  equal("staff_no", filter.staff_no);
  equal("job", filter.job);
  auto rows = SelectStaff(tx, env, where + " order by id limit " + std::to_string(page.fetch()), binds);
  return contract::Cut(kStaffList, page, std::move(rows), [](const Staff& s) { return std::vector<std::string>{s.id}; });
}

std::string JoinedOn(Tx& tx, const std::string& id) {
  const auto row = tx.First<std::string>("select joined_on from staff where id = :id", {{"id", id}});
  return row ? std::get<0>(*row) : std::string();
}

std::optional<std::string> FindByNumber(Tx& tx, const std::string& source, const std::string& number) {
  const auto row =
      tx.First<std::string>("select id from staff where source = :source and staff_no = :no", {{"source", source}, {"no", number}});
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

Totals TotalsOf(Tx& tx) {
  const auto row =
      *tx.First<std::int64_t, std::int64_t>("select cast(count(*) as bigint), cast(coalesce(sum(version), 0) as bigint) from staff");
  return {std::get<0>(row), std::get<1>(row)};
}

std::vector<std::string> KnownNumbers(Tx& tx, const std::string& source, const std::vector<std::string>& numbers) {
  std::vector<std::string> out;
  for (auto& [no] : tx.SelectIn<std::string>("select staff_no from staff where source = :source and staff_no in (:keys)", numbers,
                                             {{"source", source}})) {
    out.push_back(no);
  }
  return out;
}

}  // namespace renxin::identity::staff
