#include "services/membership/members/store.h"

#include <algorithm>

#include "shared/core/text.h"

namespace renxin::membership::members {
namespace {

const db::InsertSpec kClassChange{.table = "class_changes",
                                  .columns = {"customer_id", "at", "from_class", "to_class", "fact_kind", "fact_id", "factor_a", "factor_b",
                                              "factor_c", "net_spend_fen", "reason"}};

constexpr std::string_view kColumns =
    "select customer_id, member_since, source, member_class, factor_a, factor_b, factor_c, net_spend_fen, dispute_open, version, "
    "points_balance, points_debt, points_version from members ";

std::vector<Row> SelectRows(Tx& tx, const std::string& where, const db::Binds& binds) {
  std::vector<Row> out;
  for (auto& [id, since, source, member_class, a, b, c, net, dispute, version, balance, debt, points_version] :
       tx.Select<std::string, std::optional<std::int64_t>, std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                 std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(std::string(kColumns) + where,
                                                                                                     binds)) {
    Row row{.customer_id = id, .since = std::nullopt, .source = source, .member_class = static_cast<Class>(member_class)};
    if (since) row.since = Instant{*since};
    row.factor_a = a != 0;
    row.factor_b = b != 0;
    row.factor_c = c != 0;
    row.net_spend = net;
    row.dispute_open = dispute != 0;
    row.version = version;
    row.points_balance = balance;
    row.points_debt = debt;
    row.points_version = points_version;
    out.push_back(std::move(row));
  }
  return out;
}

db::Value SinceOrNull(const Row& row) { return row.since ? db::Value(row.since->micros) : db::Value(); }

}  // namespace

std::optional<Row> Get(Tx& tx, const std::string& customer_id) {
  auto rows = SelectRows(tx, "where customer_id = :id", {{"id", customer_id}});
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

Row Lock(Tx& tx, const std::string& customer_id, Instant now) {
  const std::string where = "where customer_id = :id" + std::string(tx.ForUpdate());
  if (auto rows = SelectRows(tx, where, {{"id", customer_id}}); !rows.empty()) return std::move(rows.front());
  tx.Exec(
      "insert into members (customer_id, member_class, factor_a, factor_b, factor_c, net_spend_fen, dispute_open, version, "
      "points_balance, points_debt, points_version, created_at) values (:id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, :now) on conflict do nothing",
      {{"id", customer_id}, {"now", now.micros}});
  return SelectRows(tx, where, {{"id", customer_id}}).front();
}

void Save(Tx& tx, const Row& row) {
  tx.Exec(
      "update members set member_since = :since, source = :source, member_class = :class, factor_a = :a, factor_b = :b, factor_c = :c, "
      "net_spend_fen = :net, dispute_open = :dispute, version = :version, points_balance = :balance, points_debt = :debt, "
      "points_version = :points_version where customer_id = :id",
      {{"since", SinceOrNull(row)},
       {"source", db::TextOrNull(row.source)},
       {"class", static_cast<int>(row.member_class)},
       {"a", row.factor_a ? 1 : 0},
       {"b", row.factor_b ? 1 : 0},
       {"c", row.factor_c ? 1 : 0},
       {"net", row.net_spend},
       {"dispute", row.dispute_open ? 1 : 0},
       {"version", row.version},
       {"balance", row.points_balance},
       {"debt", row.points_debt},
       {"points_version", row.points_version},
       {"id", row.customer_id}});
}

std::vector<Row> List(Tx& tx, const ListFilter& filter) {
  return SelectRows(tx,
                    "where member_since is not null and (:any_class = 1 or member_class = :class) and (:any = 1 or source = :source) and "
                    "customer_id > :after order by customer_id limit " +
                        std::to_string(filter.limit),
                    {{"any_class", filter.member_class == 0 ? 1 : 0},
                     {"class", filter.member_class},
                     {"any", filter.source.empty() ? 1 : 0},
                     {"source", filter.source},
                     {"after", filter.after}});
}

std::vector<std::string> CustomersAfter(Tx& tx, const std::string& after, int limit) {
  std::vector<std::string> out;
  for (auto& [id] : tx.Select<std::string>(
           "select customer_id from members where customer_id > :after order by customer_id limit " + std::to_string(limit),
           {{"after", after}})) {
    out.push_back(id);
  }
  return out;
}

std::vector<ClassCount> CountByClass(Tx& tx, const std::string& source) {
  std::vector<ClassCount> out;
  for (auto& [member_class, members, a, b, c] : tx.Select<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
           "select member_class, cast(count(*) as bigint), cast(sum(factor_a) as bigint), cast(sum(factor_b) as bigint), "
           "cast(sum(factor_c) as bigint) from members where member_since is not null and (:any = 1 or source = :source) "
           "group by member_class order by member_class limit 10",
           {{"any", source.empty() ? 1 : 0}, {"source", source}})) {
    out.push_back({static_cast<Class>(member_class), members, a, b, c});
  }
  return out;
}

std::optional<std::string> CustomerOf(Tx& tx, const std::string& settlement_id) {
  const auto row = tx.First<std::string>("select customer_id from settlement_facts where settlement_id = :id", {{"id", settlement_id}});
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

bool Put(Tx& tx, const EventContext& ctx, const leads::v1::SettlementRecorded& event, std::optional<Day> settled_on) {
  Fen total = 0;
  for (const auto& line : event.lines()) total += line.amount_fen();
  return tx.Exec(
             "insert into settlement_facts (settlement_id, version, customer_id, settled_on, total_fen, occurred_at, recorded_at, body) "
             "values (:id, :version, :customer, :day, :total, :occurred, :recorded, :body) on conflict (settlement_id) do update set "
             "version = excluded.version, customer_id = excluded.customer_id, settled_on = excluded.settled_on, "
             "total_fen = excluded.total_fen, occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at, "
             "body = excluded.body where excluded.version > settlement_facts.version",
             {{"id", event.settlement_id()},
              {"version", event.version()},
              {"customer", event.customer_id()},
              {"day", settled_on ? db::Value(FormatDay(*settled_on)) : db::Value()},
              {"total", total},
              {"occurred", ctx.occurred_at.micros},
              {"recorded", ctx.recorded_at.micros},
              {"body", ToBase64(event.SerializeAsString())}}) == 1;
}

std::vector<Fact> FactsOf(Tx& tx, const std::string& customer_id) {
  std::vector<Fact> out;
  for (auto& [day, body] : tx.Select<std::string, std::string>(
           "select settled_on, body from settlement_facts where customer_id = :customer order by settlement_id",
           {{"customer", customer_id}})) {
    Fact fact;
    if (!fact.event.ParseFromString(FromBase64(body).value_or(""))) continue;
    if (!day.empty()) {
      fact.settled_on = *ParseDay(day);
      fact.settled_at = *ParseTime(fact.event.settled_at());
    }
    out.push_back(std::move(fact));
  }
  return out;
}

std::vector<Settlement> ToSettlements(const std::vector<Fact>& facts) {
  std::vector<Settlement> out;
  for (const Fact& fact : facts) {
    Settlement s{.id = fact.event.settlement_id(), .source = fact.event.source()};
    s.sale = fact.event.kind() == leads::v1::SETTLEMENT_KIND_SALE;
    s.course_no = fact.event.course_no();
    s.settled_at = fact.settled_at;
    s.settled_on = fact.settled_on;
    for (const auto& line : fact.event.lines()) {
      s.total += line.amount_fen();
      // Lines that were told before there was a quantity count as one.
      s.lines.push_back({line.category(), std::max<std::int64_t>(line.quantity(), 1)});
    }
    out.push_back(std::move(s));
  }
  return out;
}

void Append(Tx& tx, const std::string& customer_id, const ClassChange& change) {
  const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
  tx.Stage(kClassChange, {customer_id, change.at.micros, number(change.from), number(change.to), number(change.kind), change.fact_id,
                          number(change.factor_a), number(change.factor_b), number(change.factor_c), change.net_spend, change.reason});
}

std::vector<ClassChange> History(Tx& tx, const std::string& customer_id, std::int64_t after, int limit) {
  std::vector<ClassChange> out;
  for (auto& [seq, at, from, to, kind, fact_id, a, b, c, net, reason] :
       tx.Select<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string, std::int64_t, std::int64_t,
                 std::int64_t, std::int64_t, std::string>(
           "select seq, at, from_class, to_class, fact_kind, fact_id, factor_a, factor_b, factor_c, net_spend_fen, reason from "
           "class_changes where customer_id = :customer and seq > :after order by seq limit " +
               std::to_string(limit),
           {{"customer", customer_id}, {"after", after}})) {
    out.push_back({seq, Instant{at}, static_cast<Class>(from), static_cast<Class>(to), static_cast<FactKind>(kind), fact_id, a != 0, b != 0,
                   c != 0, net, reason});
  }
  return out;
}

}  // namespace renxin::membership::members
