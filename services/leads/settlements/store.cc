#include "services/leads/settlements/store.h"

#include "renxin/leads/v1/leads_events.pb.h"
#include "services/leads/courses/store.h"
#include "shared/db/rows.h"

namespace renxin::leads::settlements {
namespace {

const db::InsertSpec kInsert{
    .table = "settlements",
    .columns = {"id", "source", "settlement_no", "kind", "refund_of", "customer_id", "visit_id", "department", "doctor_id", "payer",
                "course_no", "activity", "occurred_at", "settled_at", "settled_on", "settled_month", "total_fen", "version"},
    .suffix = "on conflict (source, settlement_no) do nothing",
    .must_be_new = true};
const db::InsertSpec kLines{.table = "settlement_lines",
                            .columns = {"settlement_id", "version", "line_no", "category", "amount_fen", "quantity"}};

struct SettledOn {
  db::Value at;
  db::Value day;
  db::Value month;
};

SettledOn Settled(const Environment& env, const Settlement& s) {
  if (!s.settled_at) return {};
  const Day day = env.zone.DayOf(*s.settled_at);
  return {s.settled_at->micros, FormatDay(day), FormatMonth(MonthOf(day))};
}

void WriteLines(Tx& tx, const Settlement& s) {
  for (const Line& line : s.lines) tx.Stage(kLines, {s.id, s.version, line.line_no, line.category, line.amount, line.quantity});
}

void PublishSettlement(Tx& tx, const Settlement& s, Instant now) {
  v1::SettlementRecorded event;
  event.set_settlement_id(s.id);
  event.set_source(s.source);
  event.set_settlement_no(s.settlement_no);
  event.set_kind(static_cast<v1::SettlementKind>(s.kind));
  event.set_refund_of(s.refund_of);
  event.set_customer_id(s.customer_id);
  event.set_visit_id(s.visit_id);
  event.set_department(s.department);
  event.set_payer(s.payer);
  event.set_course_no(s.course_no);
  event.set_activity(s.activity);
  event.set_occurred_at(FormatTime(s.occurred_at));
  if (s.settled_at) event.set_settled_at(FormatTime(*s.settled_at));
  for (const Line& line : s.lines) {
    auto* out = event.add_lines();
    out->set_line_no(line.line_no);
    out->set_category(line.category);
    out->set_amount_fen(line.amount);
    out->set_quantity(line.quantity);
  }
  event.set_version(s.version);
  db::Publish(tx, {s.id, s.version, s.occurred_at, now}, event);
}

// Without their lines, and what a list does not show.
const db::Rows<Settlement> kSettlements("settlements", {{"id", &Settlement::id},
                                                        {"source", &Settlement::source},
                                                        {"settlement_no", &Settlement::settlement_no},
                                                        {"kind", &Settlement::kind},
                                                        {"customer_id", &Settlement::customer_id},
                                                        {"visit_id", &Settlement::visit_id},
                                                        {"occurred_at", &Settlement::occurred_at},
                                                        {"settled_at", &Settlement::settled_at},
                                                        {"version", &Settlement::version}});

void LoadLines(Tx& tx, std::vector<Settlement>* settlements) {
  std::vector<std::string> ids;
  std::map<std::string, std::vector<Line>> lines;
  for (const Settlement& s : *settlements) ids.push_back(s.id);
  for (auto& [id, no, category, amount, quantity] : tx.SelectIn<std::string, std::string, std::string, std::int64_t, std::int64_t>(
           "select l.settlement_id, l.line_no, l.category, l.amount_fen, l.quantity from settlement_lines l join settlements s on "
           "s.id = l.settlement_id and s.version = l.version where l.settlement_id in (:keys) order by l.settlement_id, l.line_no",
           ids)) {
    lines[id].push_back({no, category, amount, quantity});
  }
  for (Settlement& s : *settlements) s.lines = std::move(lines[s.id]);
}

constexpr std::string_view kNetLines =
    "from settlements s join settlement_lines l on l.settlement_id = s.id and l.version = s.version "
    "where s.settled_at is not null and (:any = 1 or s.source = :source) ";

db::Binds OfSource(const std::string& source) { return {{"any", source.empty() ? 1 : 0}, {"source", source}}; }

}  // namespace

void Insert(Tx& tx, const Environment& env, const Settlement& s, std::string_view by, Instant now) {
  const SettledOn settled = Settled(env, s);
  tx.Stage(kInsert, {s.id, s.source, s.settlement_no, std::int64_t{static_cast<int>(s.kind)}, db::TextOrNull(s.refund_of), s.customer_id,
                     db::TextOrNull(s.visit_id), db::TextOrNull(s.department), db::TextOrNull(s.doctor_id), db::TextOrNull(s.payer),
                     db::TextOrNull(s.course_no), db::TextOrNull(s.activity), s.occurred_at.micros, settled.at, settled.day, settled.month,
                     Total(s.lines), s.version});
  WriteLines(tx, s);
  if (!s.course_no.empty()) courses::InsertIfAbsent(tx, s.source, s.course_no, s.customer_id, now);
  db::AppendHistory(tx, {"settlement", s.id, now, std::string(by), "", s.settled_at ? "settled" : "in treatment", ""});
  PublishSettlement(tx, s, now);
}

void Replace(Tx& tx, const Environment& env, Settlement s, std::string_view by, Instant now) {
  const auto row = tx.First<std::int64_t, std::int64_t>(
      "select version, total_fen from settlements where id = :id" + std::string(tx.ForUpdate()), {{"id", s.id}});
  if (!row) return;
  s.version = std::get<0>(*row) + 1;
  const SettledOn settled = Settled(env, s);
  tx.Exec(
      "update settlements set kind = :kind, refund_of = :refund_of, customer_id = :customer, visit_id = :visit, department = :department, "
      "doctor_id = :doctor, payer = :payer, course_no = :course, activity = :activity, occurred_at = :occurred, settled_at = :settled, "
      "settled_on = :day, settled_month = :month, total_fen = :total, version = :version where id = :id",
      {{"kind", static_cast<int>(s.kind)},
       {"refund_of", db::TextOrNull(s.refund_of)},
       {"customer", s.customer_id},
       {"visit", db::TextOrNull(s.visit_id)},
       {"department", db::TextOrNull(s.department)},
       {"doctor", db::TextOrNull(s.doctor_id)},
       {"payer", db::TextOrNull(s.payer)},
       {"course", db::TextOrNull(s.course_no)},
       {"activity", db::TextOrNull(s.activity)},
       {"occurred", s.occurred_at.micros},
       {"settled", settled.at},
       {"day", settled.day},
       {"month", settled.month},
       {"total", Total(s.lines)},
       {"version", s.version},
       {"id", s.id}});
  WriteLines(tx, s);
  if (!s.course_no.empty()) courses::InsertIfAbsent(tx, s.source, s.course_no, s.customer_id, now);
  db::AppendHistory(
      tx, {"settlement", s.id, now, std::string(by), FormatYuan(std::get<1>(*row)), FormatYuan(Total(s.lines)), "reversal and new fact"});
  PublishSettlement(tx, s, now);
}

std::optional<Settlement> Get(Tx& tx, const std::string& id) {
  auto rows = kSettlements.Select(tx, "where id = :id", {{"id", id}});
  if (rows.empty()) return std::nullopt;
  LoadLines(tx, &rows);
  return std::move(rows.front());
}

contract::Paged<Settlement> List(Tx& tx, const ListFilter& filter, const contract::Page& page) {
  std::string where = "where customer_id = :customer and occurred_at >= :from and occurred_at < :to";
  db::Binds binds{{"customer", filter.customer_id}, {"from", filter.days.from}, {"to", filter.days.to}};
  if (!page.first()) {
    where += " and occurred_at <= :at and (occurred_at < :at2 or id < :before)";
    binds.insert(binds.end(), {{"at", page.Number(0)}, {"at2", page.Number(0)}, {"before", page.Text(1)}});
  }
  if (filter.kind) {
    where += " and kind = :kind";
    binds.emplace_back("kind", static_cast<int>(*filter.kind));
  }
  where += " order by occurred_at desc, id desc limit " + std::to_string(page.fetch());
  contract::Paged<Settlement> out = contract::Cut(kSettlementList, page, kSettlements.Select(tx, where, binds), [](const Settlement& s) {
    return std::vector<std::string>{std::to_string(s.occurred_at.micros), s.id};
  });
  LoadLines(tx, &out.rows);
  return out;
}

std::optional<std::string> FindByNumber(Tx& tx, const std::string& source, const std::string& number) {
  const auto row = tx.First<std::string>("select id from settlements where source = :source and settlement_no = :no",
                                         {{"source", source}, {"no", number}});
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

std::map<std::string, std::string> CustomersByVisit(Tx& tx, const std::vector<std::string>& visit_ids) {
  std::map<std::string, std::string> out;
  for (auto& [visit, customer] : tx.SelectIn<std::string, std::string>(
           "select visit_id, min(customer_id) from settlements where visit_id in (:keys) group by visit_id", visit_ids)) {
    out.emplace(visit, customer);
  }
  return out;
}

std::vector<SettledSale> LastSales(Tx& tx, const std::vector<std::string>& customers) {
  std::vector<SettledSale> out;
  for (auto& [customer, at] :
       tx.SelectIn<std::string, std::int64_t>("select customer_id, max(settled_at) from settlements where kind = 1 and settled_at is not "
                                              "null and customer_id in (:keys) group by customer_id",
                                              customers)) {
    out.push_back({customer, {at}});
  }
  return out;
}

std::vector<MonthSum> ByMonth(Tx& tx, const std::string& source) {
  std::vector<MonthSum> out;
  const std::string sql =
      "select s.settled_month, cast(sum(case when s.kind = 1 then l.amount_fen else 0 end) as bigint), "
      "cast(sum(case when s.kind = 2 then l.amount_fen else 0 end) as bigint), cast(count(distinct s.id) as bigint), "
      "cast(count(distinct case when s.kind = 2 then s.id end) as bigint) " +
      std::string(kNetLines) + "group by s.settled_month order by s.settled_month limit 1200";
  for (auto& [month, sales, refunds, settlements, refund_count] :
       tx.Select<std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(sql, OfSource(source))) {
    out.push_back({month, sales, refunds, settlements, refund_count});
  }
  return out;
}

std::int64_t CustomersBelowZero(Tx& tx, const std::string& source) {
  return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from (select s.customer_id " + std::string(kNetLines) +
                                                 "group by s.customer_id having sum(l.amount_fen) < 0) as below",
                                             OfSource(source)));
}

std::vector<Ranked> Rank(Tx& tx, const std::string& source, int count) {
  std::vector<Ranked> out;
  for (auto& [customer, net] :
       tx.Select<std::string, std::int64_t>("select s.customer_id, cast(sum(l.amount_fen) as bigint) as net " + std::string(kNetLines) +
                                                "group by s.customer_id order by net desc, s.customer_id limit " + std::to_string(count),
                                            OfSource(source))) {
    out.push_back({customer, net});
  }
  return out;
}

std::vector<DayTotal> ControlTotals(Tx& tx, const std::string& month) {
  std::vector<DayTotal> out;
  for (auto& [day, count, net, versions] : tx.Select<std::string, std::int64_t, std::int64_t, std::int64_t>(
           "select settled_on, cast(count(*) as bigint), cast(sum(total_fen) as bigint), cast(sum(version) as bigint) from settlements "
           "where settled_month = :month group by settled_on order by settled_on limit 31",
           {{"month", month}})) {
    out.push_back({day, count, net, versions});
  }
  return out;
}

}  // namespace renxin::leads::settlements
