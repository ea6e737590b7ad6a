#include "services/leads/customers/imports.h"

#include "renxin/leads/v1/leads_policy.pb.h"
#include "services/leads/consents/store.h"
#include "services/leads/directory/rows.h"
#include "shared/intake/store.h"

namespace renxin::leads::customers {
namespace {

using intake::Outcome;

// P2: what the row says of marketing, where it says something. A row without a time is older than all that have one.
std::optional<consents::Entry> ConsentOf(intake::Fields& fields, const intake::Batch& batch) {
  const std::optional<bool> given = fields.Flag("marketing_consent");
  const std::optional<Instant> at = fields.Time("consent_at");
  const std::string source = fields.Require(consents::CheckConsent({.at = "consent_at", .source = "consent_source"}, at,
                                                                   fields.Text("consent_source"), batch.now, EntryPath::kFile));
  if (!given) return std::nullopt;
  return consents::Entry{.decision = {.purpose = "marketing", .given = *given, .at = at.value_or(Instant{})},
                         .source = source,
                         .text_version = "",
                         .recorded_at = batch.now,
                         .recorded_by = "import:" + batch.operation_id,
                         .by_file = true};
}

std::vector<Outcome> Apply(Tx& tx, intake::Batch& batch, const std::vector<intake::Record>& records) {
  const v1::LeadsPolicy policy = PolicyAt(tx, batch.now, batch.env);
  directory::CustomerDirectory directory(tx, batch.env, "import:" + batch.operation_id, batch.now);
  directory.LoadPhones(directory::PhonesOf(batch.kind, records, PhoneRulesOf(policy)));
  std::vector<Outcome> out;
  for (const intake::Record& record : records) {
    intake::Fields fields(batch.kind, record.rows.front());
    const persons::Person person = directory::ReadPerson(fields, "name", PhoneRulesOf(policy), batch.env.zone.DayOf(batch.now));
    const auto consent = ConsentOf(fields, batch);
    if (!fields.ok()) {
      out.push_back(fields.Fault());
      continue;
    }
    const Origin origin{0, record.no};
    const bool placeholder = IsLikelyPlaceholder({person.birthday, person.birthday_calendar});
    if (!record.target_id.empty()) {
      const bool written = directory.Update(record.target_id, person, origin);
      if (consent) consents::Record(tx, record.target_id, *consent);
      db::AppendHistory(tx, {"customer", record.target_id, batch.now, "import:" + batch.operation_id, "", "", "updated by import"});
      out.push_back(Outcome::Updated(record.target_id));
      out.back().placeholder_birthdays = written && placeholder ? 1 : 0;
      continue;
    }
    Consent first;
    if (consent) first = {.marketing = consent->decision.given, .at = fields.Time("consent_at"), .source = consent->source};
    const directory::Added added = directory.Add(person, first, origin, batch.source);
    if (consent) consents::StageFirst(tx, added.id, *consent);
    db::AppendHistory(tx, {"customer", added.id, batch.now, "import:" + batch.operation_id, "", "registered", ""});
    PublishRegistered(tx, added.id, batch.source, record.no, 1, batch.now);
    Outcome outcome = Outcome::Created(added.id);
    outcome.households = added.household_proposed ? 1 : 0;
    outcome.placeholder_birthdays = placeholder ? 1 : 0;
    out.push_back(std::move(outcome));
  }
  return out;
}

}  // namespace

intake::KindSpec ImportKind() {
  return {.kind = "customers",
          .columns = {{"customer_no", true},
                      {"name", true},
                      {"phone"},
                      {"birthday"},
                      {"birthday_calendar"},
                      {"marketing_consent"},
                      {"consent_at"},
                      {"consent_source"}},
          .number = "customer_no",
          .apply = &Apply};
}

}  // namespace renxin::leads::customers
