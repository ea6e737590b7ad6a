#include "services/leads/consultations/imports.h"

#include <map>

#include "renxin/leads/v1/leads_policy.pb.h"
#include "services/leads/codes/store.h"
#include "services/leads/consultations/store.h"
#include "services/leads/directory/rows.h"
#include "services/leads/settlements/store.h"
#include "shared/core/text.h"

namespace renxin::leads::consultations {
namespace {

using intake::Outcome;

struct Applying {
  Tx& tx;
  intake::Batch& batch;
  const v1::LeadsPolicy& policy;
  intake::Refs& refs;
  directory::CustomerDirectory& directory;
  std::map<std::string, std::vector<std::pair<std::string, Instant>>> by_customer;
};

Outcome ApplyOne(Applying& a, const intake::Record& record) {
  intake::Fields fields(a.batch.kind, record.rows.front());
  Lead lead;
  const auto consulted_at = fields.Time("consulted_at");
  const persons::Person person =
      directory::ReadPerson(fields, "customer_name", PhoneRulesOf(a.policy), a.batch.env.zone.DayOf(a.batch.now));
  const std::string& customer_no = fields.Text("customer_no");
  if (customer_no.empty() && person.name.empty() && person.phone.empty())
    fields.Refuse("customer_no", "customer_no, phone or customer_name must be there");
  if (!fields.ok()) return fields.Fault();
  const auto said = fields.Require(CheckConsultation(
      {fields.Text("channel"), fields.Text("source"), fields.Text("campaign"), fields.Text("project"), fields.Text("city"), *consulted_at},
      ToList(a.policy.channels()), a.batch.now, EntryPath::kFile));
  if (!fields.ok()) return fields.Fault();
  Outcome waiting;
  if (!a.refs.Resolve(fields, "consultant_no", "staff", &lead.consultant_id, &waiting)) return waiting;
  const directory::CustomerOf customer = directory::FindOrAdd(a.tx, a.batch, a.refs, a.directory, customer_no, person, {1, record.no});
  if (customer.waits) return Outcome::Waiting("customer_no", "customers", customer_no);
  lead.customer_id = customer.id;
  lead.channel = said.channel;
  lead.source = said.source;
  lead.campaign = said.campaign;
  lead.project = said.project;
  lead.city = said.city;
  lead.consulted_at = *consulted_at;
  lead.imported_from = a.batch.source;
  const std::string by = "import:" + a.batch.operation_id;
  Outcome outcome;
  if (record.target_id.empty()) {
    lead.id = NewId();
    Insert(a.tx, a.batch.env, lead, by, a.batch.now);
    outcome = Outcome::Created(lead.id);
  } else {
    lead.id = record.target_id;
    Update(a.tx, a.batch.env, lead, by, a.batch.now);
    outcome = Outcome::Updated(lead.id);
  }
  a.by_customer[lead.customer_id].emplace_back(lead.id, lead.consulted_at);
  outcome.households = customer.households;
  outcome.placeholder_birthdays = IsLikelyPlaceholder({person.birthday, person.birthday_calendar}) ? 1 : 0;
  return outcome;
}

// L2: a purchase that was imported before its consultation has won it all the same.
void Win(Applying& a) {
  std::vector<std::string> ids;
  for (const auto& [customer, leads] : a.by_customer) ids.push_back(customer);
  std::vector<Fact> facts;
  for (const settlements::SettledSale& sale : settlements::LastSales(a.tx, ids)) {
    for (const auto& [lead, consulted_at] : a.by_customer[sale.customer_id]) {
      if (consulted_at <= sale.settled_at) facts.push_back({lead, State::kWon, sale.settled_at});
    }
  }
  if (!facts.empty()) AdvanceAll(a.tx, facts, "import:" + a.batch.operation_id, a.batch.now);
}

std::vector<Outcome> Apply(Tx& tx, intake::Batch& batch, const std::vector<intake::Record>& records) {
  const v1::LeadsPolicy policy = PolicyAt(tx, batch.now, batch.env);
  intake::Refs refs(tx, batch);
  std::map<std::string, std::set<std::string>> codes;
  for (const intake::Record& record : records) {
    const intake::Fields fields(batch.kind, record.rows.front());
    refs.Want("staff", fields.Text("consultant_no"));
    refs.Want("customers", fields.Text("customer_no"));
    for (const char* kind : {"source", "campaign", "project"}) codes[kind].insert(fields.Text(kind));
  }
  // The phones first: whoever was waited for may have made known what is looked up then.
  directory::CustomerDirectory directory(tx, batch.env, "import:" + batch.operation_id, batch.now);
  directory.LoadPhones(directory::PhonesOf(batch.kind, records, PhoneRulesOf(policy)));
  refs.Load();
  Applying a{tx, batch, policy, refs, directory, {}};
  std::vector<Outcome> out;
  out.reserve(records.size());
  for (const intake::Record& record : records) out.push_back(ApplyOne(a, record));
  for (const auto& [kind, values] : codes) codes::Report(tx, batch, kind, values);
  Win(a);
  return out;
}

}  // namespace

intake::KindSpec ImportKind() {
  return {.kind = "leads",
          .columns = {{"lead_no", true},
                      {"consulted_at", true},
                      {"channel", true},
                      {"source"},
                      {"campaign"},
                      {"project"},
                      {"city"},
                      {"customer_no"},
                      {"customer_name"},
                      {"phone"},
                      {"birthday"},
                      {"birthday_calendar"},
                      {"consultant_no"}},
          .number = "lead_no",
          .apply = &Apply};
}

}  // namespace renxin::leads::consultations
