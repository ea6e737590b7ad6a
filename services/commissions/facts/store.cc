#include "services/commissions/facts/store.h"

#include <map>
#include <set>
#include <unordered_map>

#include "renxin/leads/v1/leads_events.pb.h"
#include "renxin/referrals/v1/referrals_events.pb.h"
#include "shared/core/text.h"

namespace renxin::commissions::facts {
namespace {

using Settlement = leads::v1::SettlementRecorded;

const db::UpsertSpec kSettlement{
    .table = renxin::facts::kSettlementTable,
    .columns = renxin::facts::SettlementColumns({"visit_id", "refund_of", "source", "course_no", "settled_month"})};
const db::UpsertSpec kCourse{.table = "course_facts",
                             .columns = {"course_id", "version", "customer_id", "source", "course_no", "closed_on", "closed_month",
                                         "occurred_at", "recorded_at", "body"}};
const db::UpsertSpec kRecognition{.table = "recognition_facts",
                                  .columns = {"recognition_id", "version", "customer_id", "rep_id", "occurred_at", "recorded_at", "body"}};

using Unreadable = std::vector<db::UnreadableRow>;

std::optional<statements::Share> ToShare(const std::string& id, const std::string& body, Unreadable* unreadable) {
  const auto event = db::ReadBody<referrals::v1::ReferralRecognised>("recognition_facts", id, body, unreadable);
  if (!event || event->withdrawn()) return std::nullopt;
  statements::Share share{.id = id, .rep_id = event->rep_id(), .share_bp = event->share_bp(), .rank = event->rank()};
  const auto from = db::ReadDay("recognition_facts", id, event->from(), unreadable);
  if (!from) return std::nullopt;
  share.from = *from;
  if (!event->until().empty()) {
    const auto until = db::ReadDay("recognition_facts", id, event->until(), unreadable);
    if (!until) return std::nullopt;
    share.until = *until;
  }
  share.visit_id = event->visit_id();
  return share;
}

std::map<std::string, std::vector<statements::Share>> SharesOf(Tx& tx, const std::vector<std::string>& customers, Unreadable* unreadable) {
  std::map<std::string, std::vector<statements::Share>> out;
  for (auto& [id, customer, body] : tx.SelectIn<std::string, std::string, std::string>(
           "select recognition_id, customer_id, body from recognition_facts where customer_id in (:keys)", customers)) {
    if (auto share = ToShare(id, body, unreadable)) out[customer].push_back(std::move(*share));
  }
  return out;
}

struct Fact {
  Day settled_on;
  Instant recorded_at;
  Settlement event;
};

constexpr std::string_view kFactColumns = "select settlement_id, settled_on, recorded_at, body from settlement_facts ";

void AddFacts(const std::vector<std::tuple<std::string, std::string, std::int64_t, std::string>>& rows, std::map<std::string, Fact>* out,
              Unreadable* unreadable) {
  for (const auto& [id, day, recorded_at, body] : rows) {
    const auto settled_on = db::ReadDay("settlement_facts", id, day, unreadable);
    auto event = db::ReadBody<Settlement>("settlement_facts", id, body, unreadable);
    if (settled_on && event) out->emplace(id, Fact{*settled_on, {recorded_at}, std::move(*event)});
  }
}

// By settlement id; those in treatment have no day and are only there to be referred to. Refunds of any time come with what they refund.
std::map<std::string, Fact> SettlementsOf(Tx& tx, const std::vector<std::string>& customers, const CreditRange& range,
                                          Unreadable* unreadable) {
  std::map<std::string, Fact> out;
  // C1: of closed months what waits for the end of its course; a refund may belong to the course of what it refunds.
  const std::string where =
      "where settled_on is not null and customer_id in (:keys) and settled_month <= :last and (settled_month > :after or refund_of is not "
      "null or (course_no is not null and not exists (select 1 from course_facts c where c.customer_id = settlement_facts.customer_id and "
      "c.source = settlement_facts.source and c.course_no = settlement_facts.course_no and c.closed_month <= :after_too)))";
  const std::string after = range.after ? FormatMonth(*range.after) : "";
  AddFacts(tx.SelectIn<std::string, std::string, std::int64_t, std::string>(
               std::string(kFactColumns) + where, customers, {{"last", FormatMonth(range.last)}, {"after", after}, {"after_too", after}}),
           &out, unreadable);
  std::vector<std::string> originals;
  for (const auto& [id, fact] : out) {
    if (!fact.event.refund_of().empty() && !out.contains(fact.event.refund_of())) originals.push_back(fact.event.refund_of());
  }
  const std::set<std::string> theirs(customers.begin(), customers.end());
  std::map<std::string, Fact> referred;
  AddFacts(tx.SelectIn<std::string, std::string, std::int64_t, std::string>(
               std::string(kFactColumns) + "where settled_on is not null and settlement_id in (:keys)", originals),
           &referred, unreadable);
  for (auto& [id, fact] : referred) {
    if (theirs.contains(fact.event.customer_id())) out.emplace(id, std::move(fact));
  }
  return out;
}

// It counts, if at all, in a month that is closed: the closing knows it.
bool IsClosed(const statements::Credit& credit, const CreditRange& range) {
  if (!range.after || MonthOf(credit.settled_on) > *range.after) return false;
  return credit.course_no.empty() || (credit.course_closed_on && MonthOf(*credit.course_closed_on) <= *range.after);
}

// The day each course of these customers closed, by customer, source and number; the others are under way.
std::map<std::string, Day> ClosedCoursesOf(Tx& tx, const std::vector<std::string>& customers, Unreadable* unreadable) {
  std::map<std::string, Day> out;
  for (auto& [id, customer, source, no, day] : tx.SelectIn<std::string, std::string, std::string, std::string, std::string>(
           "select course_id, customer_id, source, course_no, closed_on from course_facts where closed_on is not null and customer_id in "
           "(:keys)",
           customers)) {
    if (const auto closed = db::ReadDay("course_facts", id, day, unreadable)) out.emplace(customer + '\n' + source + '\n' + no, *closed);
  }
  return out;
}

void SetCourse(const Settlement& settlement, const Settlement& attributed_by, const std::map<std::string, Day>& closed,
               statements::Credit* credit) {
  // A refund that names what it refunds belongs to that one's course.
  const Settlement& of = settlement.course_no().empty() ? attributed_by : settlement;
  if (of.course_no().empty()) return;
  credit->course_no = of.course_no();
  const auto found = closed.find(of.customer_id() + '\n' + of.source() + '\n' + of.course_no());
  if (found != closed.end()) credit->course_closed_on = found->second;
}

// A refund that names what it refunds follows its attribution (L7); an unlinked one belongs to whom the
// customer is attributed to at its own time.
const Fact& AttributedBy(const std::map<std::string, Fact>& facts, const Fact& fact) {
  if (fact.event.refund_of().empty()) return fact;
  const auto original = facts.find(fact.event.refund_of());
  return original == facts.end() ? fact : original->second;
}

}  // namespace

void UpsertSettlement(Tx& tx, const EventContext& ctx, const renxin::facts::Settlement& settlement) {
  const Settlement& event = *settlement.event;
  const db::Value month = settlement.settled_at ? db::Value(FormatMonth(MonthOf(settlement.settled_on))) : db::Value();
  tx.Upsert(kSettlement, renxin::facts::SettlementValues(settlement, ctx.occurred_at, ctx.recorded_at,
                                                         {db::TextOrNull(event.visit_id()), db::TextOrNull(event.refund_of()),
                                                          event.source(), db::TextOrNull(event.course_no()), month}));
}

void UpsertCourse(Tx& tx, const EventContext& ctx, const leads::v1::CourseChanged& event, std::optional<Day> closed) {
  const db::Value day = closed ? db::Value(FormatDay(*closed)) : db::Value();
  const db::Value month = closed ? db::Value(FormatMonth(MonthOf(*closed))) : db::Value();
  tx.Upsert(kCourse, {event.course_id(), event.version(), event.customer_id(), event.source(), event.course_no(), day, month,
                      ctx.occurred_at.micros, ctx.recorded_at.micros, ToBase64(event.SerializeAsString())});
}

void UpsertRecognition(Tx& tx, const EventContext& ctx, const referrals::v1::ReferralRecognised& event) {
  tx.Upsert(kRecognition, {event.recognition_id(), event.version(), event.customer_id(), event.rep_id(), ctx.occurred_at.micros,
                           ctx.recorded_at.micros, ToBase64(event.SerializeAsString())});
}

std::vector<statements::Credit> CreditsOf(Tx& tx, const std::string& payee, const CreditRange& range, Unreadable* unreadable) {
  std::vector<std::string> customers;
  for (auto& [id] : tx.Select<std::string>("select distinct customer_id from recognition_facts where rep_id = :rep", {{"rep", payee}}))
    customers.push_back(id);
  const auto shares = SharesOf(tx, customers, unreadable);
  const auto settlements = SettlementsOf(tx, customers, range, unreadable);
  const auto closed = ClosedCoursesOf(tx, customers, unreadable);
  std::vector<statements::Credit> credits;
  for (const auto& [id, fact] : settlements) {
    if (MonthOf(fact.settled_on) > range.last) continue;
    const auto of_customer = shares.find(fact.event.customer_id());
    if (of_customer == shares.end()) continue;
    const Fact& by = AttributedBy(settlements, fact);
    const std::vector<statements::Share> held = statements::SharesFor(of_customer->second, by.settled_on, by.event.visit_id());
    for (const auto& line : fact.event.lines()) {
      statements::Credit credit{.settlement_id = id,
                                .settlement_no = fact.event.settlement_no(),
                                .line_no = line.line_no(),
                                .category = line.category(),
                                .version = fact.event.version(),
                                .recorded_at = fact.recorded_at,
                                .settled_on = fact.settled_on,
                                .line_fen = line.amount_fen()};
      if (held.empty()) continue;
      credit.credited_fen = statements::CreditOf(line.amount_fen(), held, payee, &credit.share_bp);
      SetCourse(fact.event, by.event, closed, &credit);
      if (credit.share_bp > 0 && !IsClosed(credit, range)) credits.push_back(std::move(credit));
    }
  }
  return credits;
}

std::string StampOf(Tx& tx, const std::string& payee, Month closed) {
  const std::string customers = " customer_id in (select customer_id from recognition_facts where rep_id = :rep)";
  // The time a version was recorded tells two versions apart that took each other's place; its sum stays small by the remainder.
  const std::string sums =
      "select cast(count(*) as bigint), cast(coalesce(sum(version), 0) as bigint), cast(coalesce(sum(recorded_at % 2147483647), 0) as "
      "bigint) from ";
  std::string stamp;
  const auto add = [&](const std::string& from, const db::Binds& binds) {
    const auto [count, versions, times] = *tx.First<std::int64_t, std::int64_t, std::int64_t>(sums + from, binds);
    stamp += std::to_string(count) + ":" + std::to_string(versions) + ":" + std::to_string(times) + " ";
  };
  add("settlement_facts where settled_month <= :month and" + customers, {{"month", FormatMonth(closed)}, {"rep", payee}});
  add("course_facts where closed_month <= :month and" + customers, {{"month", FormatMonth(closed)}, {"rep", payee}});
  add("recognition_facts where" + customers, {{"rep", payee}});
  return stamp;
}

namespace {

std::optional<Month> EdgeMonth(Tx& tx, std::string_view edge) {
  const auto row =
      tx.First<std::string>("select " + std::string(edge) + "(settled_month) from settlement_facts where settled_month is not null");
  if (!row || std::get<0>(*row).empty()) return std::nullopt;
  const auto month = ParseMonth(std::get<0>(*row));
  if (!month) return std::nullopt;
  return *month;
}

}  // namespace

std::optional<Month> FirstMonth(Tx& tx) { return EdgeMonth(tx, "min"); }
std::optional<Month> LastMonth(Tx& tx) { return EdgeMonth(tx, "max"); }

std::vector<DayTotal> ControlTotals(Tx& tx, const std::string& month) {
  std::vector<DayTotal> out;
  for (auto& [day, count, net, versions] : tx.Select<std::string, std::int64_t, std::int64_t, std::int64_t>(
           "select settled_on, cast(count(*) as bigint), cast(sum(total_fen) as bigint), cast(sum(version) as bigint) from "
           "settlement_facts "
           "where settled_month = :month group by settled_on order by settled_on limit 31",
           {{"month", month}})) {
    out.push_back({day, count, net, versions});
  }
  return out;
}

std::vector<DayTotal> Closings(Tx& tx, const std::string& month) {
  std::vector<DayTotal> out;
  for (auto& [day, count, versions] : tx.Select<std::string, std::int64_t, std::int64_t>(
           "select closed_on, cast(count(*) as bigint), cast(sum(version) as bigint) from course_facts where closed_month = :month "
           "group by closed_on order by closed_on limit 31",
           {{"month", month}})) {
    out.push_back({day, count, 0, versions});
  }
  return out;
}

namespace {

Totals TotalsOf(Tx& tx, const std::string& table) {
  const auto row =
      *tx.First<std::int64_t, std::int64_t>("select cast(count(*) as bigint), cast(coalesce(sum(version), 0) as bigint) from " + table);
  return {std::get<0>(row), std::get<1>(row)};
}

}  // namespace

Totals RecognitionTotals(Tx& tx) { return TotalsOf(tx, "recognition_facts"); }
Totals RosterTotals(Tx& tx) { return TotalsOf(tx, "roster"); }

std::vector<MonthTotal> MonthsBefore(Tx& tx, const std::string& month) {
  std::vector<MonthTotal> out;
  for (auto& [earlier, count, net] : tx.Select<std::string, std::int64_t, std::int64_t>(
           "select settled_month, cast(count(*) as bigint), cast(sum(total_fen) as bigint) from settlement_facts "
           "where settled_month < :month group by settled_month order by settled_month desc limit 60",
           {{"month", month}})) {
    out.push_back({earlier, count, net});
  }
  return out;
}

}  // namespace renxin::commissions::facts
