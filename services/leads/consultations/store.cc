#include "services/leads/consultations/store.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/core/text.h"
#include "shared/db/rows.h"
#include "shared/runtime/scope.h"

namespace renxin::leads::consultations {
namespace {

const db::InsertSpec kInsert{
    .table = "leads",
    .columns = {"id", "state", "state_before", "channel", "source", "campaign", "project", "city", "customer_id", "consultant_id",
                "consulted_at", "consulted_month", "touches", "touched_at", "imported_from", "version", "created_at"}};

const db::Rows<Lead> kLeads("leads", {{"id", &Lead::id},
                                      {"state", &Lead::funnel, &Funnel::state},
                                      {"state_before", &Lead::funnel, &Funnel::before},
                                      {"channel", &Lead::channel},
                                      {"source", &Lead::source},
                                      {"campaign", &Lead::campaign},
                                      {"project", &Lead::project},
                                      {"city", &Lead::city},
                                      {"customer_id", &Lead::customer_id},
                                      {"consultant_id", &Lead::consultant_id},
                                      {"consulted_at", &Lead::consulted_at},
                                      {"touches", &Lead::touches},
                                      {"touched_at", &Lead::touched_at},
                                      {"reason", &Lead::sealed_reason},
                                      {"imported_from", &Lead::imported_from},
                                      {"version", &Lead::version}});

// Held for update, in the order of their ids.
std::vector<Lead> LoadForUpdate(Tx& tx, const std::vector<std::string>& ids) {
  return kLeads.LoadForUpdate(tx, "where id in (:keys)", "id", ids);
}

void PublishLead(Tx& tx, const Lead& lead, Instant now) {
  v1::LeadChanged event;
  event.set_lead_id(lead.id);
  event.set_customer_id(lead.customer_id);
  event.set_channel(lead.channel);
  event.set_channel_source(lead.source);
  event.set_campaign(lead.campaign);
  event.set_consulted_at(FormatTime(lead.consulted_at));
  event.set_state(static_cast<int>(lead.funnel.state));
  event.set_consultant_id(lead.consultant_id);
  event.set_version(lead.version);
  db::Publish(tx, {lead.id, lead.version, lead.consulted_at, now}, event);
}

std::string ReasonSealContext(const std::string& id) { return "leads.reason:" + id; }

}  // namespace

std::string ReasonOf(const Environment& env, const Lead& lead) {
  return lead.sealed_reason.empty() ? std::string() : env.sealer.OpenForService(ReasonSealContext(lead.id), lead.sealed_reason);
}

void Insert(Tx& tx, const Environment& env, const Lead& lead, std::string_view by, Instant now) {
  tx.Stage(kInsert, {lead.id, std::int64_t{static_cast<int>(lead.funnel.state)}, std::int64_t{static_cast<int>(lead.funnel.before)},
                     lead.channel, db::TextOrNull(lead.source), db::TextOrNull(lead.campaign), db::TextOrNull(lead.project),
                     db::TextOrNull(lead.city), lead.customer_id, db::TextOrNull(lead.consultant_id), lead.consulted_at.micros,
                     FormatMonth(env.zone.MonthOf(lead.consulted_at)), lead.touches, std::max(lead.touched_at, lead.consulted_at).micros,
                     db::TextOrNull(lead.imported_from), lead.version, now.micros});
  db::AppendHistory(tx, {"lead", lead.id, now, std::string(by), "", std::string(Name(lead.funnel.state)), ""});
  PublishLead(tx, lead, now);
}

void Update(Tx& tx, const Environment& env, const Lead& lead, std::string_view by, Instant now) {
  tx.Exec(
      "update leads set channel = :channel, source = :source, campaign = :campaign, project = :project, city = :city, customer_id = "
      ":customer, "
      "consultant_id = :consultant, consulted_at = :at, consulted_month = :month, "
      "touched_at = case when touched_at > :at2 then touched_at else :at3 end, version = version + 1 where id = :id",
      {{"channel", lead.channel},
       {"source", db::TextOrNull(lead.source)},
       {"campaign", db::TextOrNull(lead.campaign)},
       {"project", db::TextOrNull(lead.project)},
       {"city", db::TextOrNull(lead.city)},
       {"customer", lead.customer_id},
       {"consultant", db::TextOrNull(lead.consultant_id)},
       {"at", lead.consulted_at.micros},
       {"at2", lead.consulted_at.micros},
       {"at3", lead.consulted_at.micros},
       {"month", FormatMonth(env.zone.MonthOf(lead.consulted_at))},
       {"id", lead.id}});
  db::AppendHistory(tx, {"lead", lead.id, now, std::string(by), "", "", "updated by import"});
  if (const auto stored = kLeads.Select(tx, "where id = :id", {{"id", lead.id}}); !stored.empty()) PublishLead(tx, stored.front(), now);
}

std::optional<Lead> Get(Tx& tx, const Scope& scope, const std::string& id, bool for_update) {
  db::Binds binds{{"id", id}};
  std::string where = "where id = :id and " + runtime::ScopeClause(scope, "consultant_id", &binds);
  if (for_update) where += tx.ForUpdate();
  auto rows = kLeads.Select(tx, where, binds);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

void SaveFunnel(Tx& tx, const Environment& env, const Lead& before, Lead& after, std::string_view by, Instant now) {
  after.sealed_reason = after.funnel.reason.empty() ? "" : env.sealer.SealForService(ReasonSealContext(after.id), after.funnel.reason);
  after.touched_at = std::max(before.touched_at, now);
  tx.CompareAndSet(
      "update leads set state = :state, state_before = :before, reason = :reason, touched_at = :touched, version = :version where id = :id "
      "and version = :read",
      {{"state", static_cast<int>(after.funnel.state)},
       {"before", static_cast<int>(after.funnel.before)},
       {"reason", db::TextOrNull(after.sealed_reason)},
       {"touched", after.touched_at.micros},
       {"version", after.version},
       {"id", after.id},
       {"read", before.version}});
  db::AppendSealedHistory(tx, env.sealer,
                          {"lead", after.id, now, std::string(by), std::string(Name(before.funnel.state)),
                           std::string(Name(after.funnel.state)), after.funnel.reason});
  PublishLead(tx, after, now);
}

void AddTouch(Tx& tx, const Lead& lead, std::string_view by, Instant now) {
  tx.CompareAndSet("update leads set touches = touches + 1, touched_at = :now, version = version + 1 where id = :id and version = :read",
                   {{"now", now.micros}, {"id", lead.id}, {"read", lead.version}});
  db::AppendHistory(tx, {"lead", lead.id, now, std::string(by), "", "", "further touch"});
  Lead after = lead;
  ++after.touches;
  ++after.version;
  PublishLead(tx, after, now);
}

void AdvanceAll(Tx& tx, const std::vector<Fact>& facts, std::string_view by, Instant now) {
  std::map<std::string, Fact> wanted;
  for (const Fact& fact : facts) {
    Fact& one = wanted.try_emplace(fact.lead_id, fact).first->second;
    one.state = std::max(one.state, fact.state);
    one.at = std::max(one.at, fact.at);
  }
  std::vector<std::string> ids;
  ids.reserve(wanted.size());
  for (const auto& [id, fact] : wanted) ids.push_back(id);
  std::vector<std::vector<db::Value>> moved;
  for (Lead& lead : LoadForUpdate(tx, ids)) {
    const Fact& fact = wanted.at(lead.id);
    const State from = lead.funnel.state;
    const State to = Advance(from, fact.state);
    const Instant touched = std::max(lead.touched_at, fact.at);
    if (to == from && (touched == lead.touched_at || !IsOpen(from))) continue;
    // A touch alone is not published.
    const std::int64_t next = lead.version + (to == from ? 0 : 1);
    moved.push_back({lead.id, lead.version, std::int64_t{static_cast<int>(to)}, touched.micros, next});
    if (to == from) continue;
    db::AppendHistory(tx, {"lead", lead.id, now, std::string(by), std::string(Name(from)), std::string(Name(to)), ""});
    lead.funnel = {to, to, ""};
    lead.version = next;
    PublishLead(tx, lead, now);
  }
  tx.CompareAndSetRows("update leads set state = v.column3, state_before = v.column3, touched_at = v.column4, version = v.column5 from (",
                       {"text", "bigint", "bigint", "bigint", "bigint"}, moved,
                       ") as v where leads.id = v.column1 and leads.version = v.column2");
}

std::vector<CustomerLead> OfCustomers(Tx& tx, const std::vector<std::string>& customers) {
  std::vector<CustomerLead> out;
  for (auto& [id, customer, at] : tx.SelectIn<std::string, std::string, std::int64_t>(
           "select id, customer_id, consulted_at from leads where customer_id in (:keys)", customers)) {
    out.push_back({id, customer, {at}});
  }
  return out;
}

std::vector<Lead> OpenOf(Tx& tx, const std::string& customer_id) {
  db::HoldKeys(tx, "open_lead", {customer_id});
  std::vector<std::string> ids;
  for (auto& [id] : tx.Select<std::string>(
           "select id from leads where customer_id = :customer and state >= :first and state <= :last order by consulted_at desc, id desc "
           "limit 200",
           {{"customer", customer_id}, {"first", static_cast<int>(State::kNew)}, {"last", static_cast<int>(State::kArrived)}})) {
    ids.push_back(id);
  }
  // Held in the order of AdvanceAll: an import that moves the same leads waits for this one, or this one for it, never both.
  std::vector<Lead> open = LoadForUpdate(tx, ids);
  std::erase_if(open, [&](const Lead& lead) { return lead.customer_id != customer_id || !IsOpen(lead.funnel.state); });
  std::sort(open.begin(), open.end(),
            [](const Lead& a, const Lead& b) { return std::tie(a.consulted_at, a.id) < std::tie(b.consulted_at, b.id); });
  return open;
}

contract::Paged<Lead> List(Tx& tx, const Scope& scope, const ListFilter& filter, const contract::Page& page) {
  std::string where = "where consulted_at >= :from and consulted_at < :to";
  db::Binds binds{{"from", filter.days.from}, {"to", filter.days.to}};
  if (!page.first()) {
    where += " and consulted_at <= :at and (consulted_at < :at2 or id < :before)";
    binds.insert(binds.end(), {{"at", page.Number(0)}, {"at2", page.Number(0)}, {"before", page.Text(1)}});
  }
  if (filter.state != 0) {
    where += " and state = :state";
    binds.emplace_back("state", filter.state);
  }
  if (!filter.channel.empty()) {
    where += " and channel = :channel";
    binds.emplace_back("channel", filter.channel);
  }
  if (!filter.customer_id.empty()) {
    where += " and customer_id = :customer";
    binds.emplace_back("customer", filter.customer_id);
  }
  where += " and " + runtime::ScopeClause(scope, "consultant_id", &binds) + " order by consulted_at desc, id desc limit " +
           std::to_string(page.fetch());
  return contract::Cut(kLeadList, page, kLeads.Select(tx, where, binds), [](const Lead& lead) {
    return std::vector<std::string>{std::to_string(lead.consulted_at.micros), lead.id};
  });
}

std::vector<Counted> CountBy(Tx& tx, std::string_view group_by, const std::string& imported_from, bool arrived_only) {
  static const std::map<std::string_view, std::string_view> kKeys{
      {"channel", "channel"}, {"source", "coalesce(source, '')"}, {"month", "consulted_month"}, {"state", "cast(state as text)"}};
  const std::string key(kKeys.at(group_by));
  const std::string sql =
      "select " + key +
      ", cast(count(*) as bigint) from leads where (:any = 1 or imported_from = :from) and (:all = 1 or state in (4, 5)) group by " + key +
      " order by 1 limit 1000";
  std::vector<Counted> out;
  for (auto& [value, count] : tx.Select<std::string, std::int64_t>(
           sql, {{"any", imported_from.empty() ? 1 : 0}, {"from", imported_from}, {"all", arrived_only ? 0 : 1}})) {
    std::string name = value;
    if (group_by == "state") name = Name(static_cast<State>(std::stoi(value)));
    out.push_back({name, count});
  }
  return out;
}

}  // namespace renxin::leads::consultations
