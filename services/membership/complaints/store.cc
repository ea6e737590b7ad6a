#include "services/membership/complaints/store.h"

#include "shared/core/text.h"
#include "shared/db/rows.h"
#include "shared/privacy/record.h"

namespace renxin::membership::complaints {
namespace {

constexpr std::string_view kNotes = "complaint_notes";
const db::Rows<Complaint> kComplaints("complaints", {{"id", &Complaint::id},
                                                     {"customer_id", &Complaint::customer_id},
                                                     {"state", &Complaint::state},
                                                     {"opened_at", &Complaint::opened_at},
                                                     {"resolved_at", &Complaint::resolved_at},
                                                     {"outcome", &Complaint::resolution, &Resolution::outcome},
                                                     {"satisfaction", &Complaint::resolution, &Resolution::satisfaction},
                                                     {"version", &Complaint::version}});

// The customer's data key is kept here, since membership stores nothing else of them.
std::optional<privacy::SealedRecord> FindPerson(Tx& tx, const Environment& env, const std::string& customer_id) {
  const auto row = tx.First<std::string>("select data_key from person_keys where customer_id = :id", {{"id", customer_id}});
  if (!row) return std::nullopt;
  return privacy::SealedRecord::Load(env.sealer, "person_keys", customer_id, std::get<0>(*row));
}

privacy::SealedRecord FindOrAddPerson(Tx& tx, const Environment& env, const std::string& customer_id) {
  if (auto known = FindPerson(tx, env, customer_id)) return std::move(*known);
  tx.Exec("insert into person_keys (customer_id, data_key) values (:id, :key) on conflict do nothing",
          {{"id", customer_id}, {"key", privacy::SealedRecord::New(env.sealer, "person_keys", customer_id).wrapped_key()}});
  return std::move(*FindPerson(tx, env, customer_id));
}

std::string Why(const Resolution& resolution) {
  std::string why(Name(resolution.outcome));
  if (resolution.satisfaction != surveys::Satisfaction::kNone) why += ", " + std::string(surveys::Name(resolution.satisfaction));
  return why;
}

}  // namespace

void Insert(Tx& tx, const Complaint& complaint, std::string_view by) {
  tx.Exec(
      "insert into complaints (id, customer_id, state, opened_at, outcome, satisfaction, version) values (:id, :customer, :state, :opened, "
      "0, 0, :version)",
      {{"id", complaint.id},
       {"customer", complaint.customer_id},
       {"state", static_cast<int>(complaint.state)},
       {"opened", complaint.opened_at.micros},
       {"version", complaint.version}});
  db::AppendHistory(tx, {"complaint", complaint.id, complaint.opened_at, std::string(by), "", std::string(Name(complaint.state)), ""});
}

void Save(Tx& tx, const Complaint& complaint, State from, std::string_view by, Instant now) {
  tx.Exec(
      "update complaints set state = :state, resolved_at = :resolved, outcome = :outcome, satisfaction = :satisfaction, version = :version "
      "where id = :id",
      {{"state", static_cast<int>(complaint.state)},
       {"resolved", complaint.resolved_at ? db::Value(complaint.resolved_at->micros) : db::Value()},
       {"outcome", static_cast<int>(complaint.resolution.outcome)},
       {"satisfaction", static_cast<int>(complaint.resolution.satisfaction)},
       {"version", complaint.version},
       {"id", complaint.id}});
  db::AppendHistory(tx, {"complaint", complaint.id, now, std::string(by), std::string(Name(from)), std::string(Name(complaint.state)),
                         Why(complaint.resolution)});
}

std::optional<Complaint> Get(Tx& tx, const std::string& id, bool for_update) {
  return kComplaints.First(tx, "where id = :id" + std::string(for_update ? tx.ForUpdate() : ""), {{"id", id}});
}

contract::Paged<Complaint> List(Tx& tx, const ListFilter& filter, const contract::Page& page) {
  auto rows =
      kComplaints.Select(tx,
                         "where (:any_customer = 1 or customer_id = :customer) and (:any_state = 1 or state = :state) and (:first = 1 or "
                         "opened_at < :at or (opened_at = :at2 and id < :after)) order by opened_at desc, id desc limit " +
                             std::to_string(page.fetch()),
                         {{"any_customer", filter.customer_id.empty() ? 1 : 0},
                          {"customer", filter.customer_id},
                          {"any_state", filter.state == 0 ? 1 : 0},
                          {"state", filter.state},
                          {"first", page.first() ? 1 : 0},
                          {"at", page.Number(0)},
                          {"at2", page.Number(0)},
                          {"after", page.Text(1)}});
  return contract::Cut(kComplaintList, page, std::move(rows), [](const Complaint& one) {
    return std::vector<std::string>{std::to_string(one.opened_at.micros), one.id};
  });
}

std::map<std::string, std::vector<members::Dispute>> DisputesOf(Tx& tx, const std::vector<std::string>& customer_ids) {
  std::map<std::string, std::vector<members::Dispute>> out;
  for (auto& [id, customer, opened, resolved, outcome, satisfaction] :
       tx.SelectIn<std::string, std::string, std::int64_t, std::optional<std::int64_t>, std::int64_t, std::int64_t>(
           "select id, customer_id, opened_at, resolved_at, outcome, satisfaction from complaints where customer_id in (:keys) order by "
           "opened_at, id",
           customer_ids)) {
    members::Dispute one{.id = id, .opened_at = {opened}, .resolved_at = std::nullopt};
    if (resolved) one.resolved_at = Instant{*resolved};
    one.outcome = static_cast<Outcome>(outcome);
    one.satisfaction = static_cast<surveys::Satisfaction>(satisfaction);
    out[customer].push_back(std::move(one));
  }
  return out;
}

void AddNote(Tx& tx, const Environment& env, const Complaint& complaint, const Note& note) {
  const std::string id = NewId();
  const privacy::SealedRecord record = FindOrAddPerson(tx, env, complaint.customer_id).Row(kNotes, id);
  tx.Exec("insert into complaint_notes (id, complaint_id, at, by_whom, note) values (:id, :complaint, :at, :by, :note)",
          {{"id", id}, {"complaint", complaint.id}, {"at", note.at.micros}, {"by", note.by}, {"note", record.Seal("note", note.text)}});
}

std::vector<Note> Notes(Tx& tx, const Environment& env, const Complaint& complaint) {
  auto person = FindPerson(tx, env, complaint.customer_id);
  std::vector<Note> out;
  if (!person) return out;
  for (auto& [id, at, by, note] : tx.Select<std::string, std::int64_t, std::string, std::string>(
           "select id, at, by_whom, note from complaint_notes where complaint_id = :id order by at, id limit 200",
           {{"id", complaint.id}})) {
    person = std::move(*person).Row(kNotes, id);
    out.push_back({{at}, by, person->Open("note", note)});
  }
  return out;
}

}  // namespace renxin::membership::complaints
