#include "services/membership/members/store.h"

#include <algorithm>
#include <set>
#include <type_traits>

#include "renxin/leads/v1/leads_events.pb.h"

namespace renxin::membership::members {
namespace {

const db::InsertSpec kClassChange{.table = "class_changes",
                                  .columns = {"customer_id", "at", "from_class", "to_class", "fact_kind", "fact_id", "factor_a", "factor_b",
                                              "factor_c", "net_spend_fen", "reason"}};

const db::InsertSpec kNobodyYet{.table = "members",
                                .columns = {"customer_id", "member_class", "factor_a", "factor_b", "factor_c", "net_spend_fen",
                                            "dispute_open", "version", "points_balance", "points_debt", "points_version", "created_at"},
                                .suffix = "on conflict do nothing"};

constexpr std::string_view kColumns =
    "select customer_id, member_since, source, member_class, factor_a, factor_b, factor_c, net_spend_fen, dispute_open, version, "
    "points_balance, points_debt, points_version from members ";

using Cells = std::tuple<std::string, std::optional<std::int64_t>, std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                         std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

std::vector<Row> ToRows(const std::vector<Cells>& all) {
  std::vector<Row> out;
  out.reserve(all.size());
  for (const auto& [id, since, source, member_class, a, b, c, net, dispute, version, balance, debt, points_version] : all) {
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

// `keys` go into the one `in (:keys)` of `where`.
std::vector<Row> SelectRows(Tx& tx, const std::string& where, const db::Binds& binds, const std::vector<std::string>* keys = nullptr) {
  const std::string sql = std::string(kColumns) + where;
  const auto select = [&]<class... T>(std::type_identity<std::tuple<T...>> /*columns*/) {
    return keys == nullptr ? tx.Select<T...>(sql, binds) : tx.SelectIn<T...>(sql, *keys, binds);
  };
  return ToRows(select(std::type_identity<Cells>()));
}

// In the order of their ids, held until the commit.
std::vector<Row> SelectMany(Tx& tx, const std::vector<std::string>& sorted) {
  return SelectRows(tx, "where customer_id in (:keys) order by customer_id" + std::string(tx.ForUpdate()), {}, &sorted);
}

db::Value SinceOrNull(const Row& row) { return row.since ? db::Value(row.since->micros) : db::Value(); }

}  // namespace

std::optional<Row> Get(Tx& tx, const std::string& customer_id) {
  auto rows = SelectRows(tx, "where customer_id = :id", {{"id", customer_id}});
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

Row Lock(Tx& tx, const std::string& customer_id, Instant now) { return std::move(LockAll(tx, {customer_id}, now).front()); }

std::vector<Row> LockAll(Tx& tx, const std::vector<std::string>& customer_ids, Instant now) {
  const std::set<std::string> wanted(customer_ids.begin(), customer_ids.end());
  const std::vector<std::string> sorted(wanted.begin(), wanted.end());
  std::vector<Row> rows = SelectMany(tx, sorted);
  if (rows.size() == sorted.size()) return rows;
  std::set<std::string> absent = wanted;
  for (const Row& row : rows) absent.erase(row.customer_id);
  for (const std::string& id : absent) {
    std::vector<db::Value> row(kNobodyYet.columns.size(), std::int64_t{0});
    row.front() = id;
    row.back() = now.micros;
    tx.Stage(kNobodyYet, std::move(row));
  }
  return SelectMany(tx, sorted);
}

void Save(Tx& tx, const Row& row) { SaveAll(tx, {row}); }

void SaveAll(Tx& tx, const std::vector<Row>& rows) {
  std::vector<std::vector<db::Value>> values;
  const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
  values.reserve(rows.size());
  for (const Row& row : rows) {
    values.push_back({row.customer_id, SinceOrNull(row), db::TextOrNull(row.source), number(row.member_class), number(row.factor_a),
                      number(row.factor_b), number(row.factor_c), row.net_spend, number(row.dispute_open), row.version, row.points_balance,
                      row.points_debt, row.points_version});
  }
  tx.ExecRows(
      "update members set member_since = v.column2, source = v.column3, member_class = v.column4, factor_a = v.column5, "
      "factor_b = v.column6, factor_c = v.column7, net_spend_fen = v.column8, dispute_open = v.column9, version = v.column10, "
      "points_balance = v.column11, points_debt = v.column12, points_version = v.column13 from (",
      {"text", "bigint", "text", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint"},
      values, ") as v where members.customer_id = v.column1");
}

contract::Paged<Row> List(Tx& tx, const ListFilter& filter, const contract::Page& page) {
  auto rows =
      SelectRows(tx,
                 "where member_since is not null and (:any_class = 1 or member_class = :class) and (:any = 1 or source = :source) and "
                 "customer_id > :after order by customer_id limit " +
                     std::to_string(page.fetch()),
                 {{"any_class", filter.member_class == 0 ? 1 : 0},
                  {"class", filter.member_class},
                  {"any", filter.source.empty() ? 1 : 0},
                  {"source", filter.source},
                  {"after", page.Text(0)}});
  return contract::Cut(kMemberList, page, std::move(rows), [](const Row& row) { return std::vector<std::string>{row.customer_id}; });
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

std::map<std::string, LastVersion> LastDelivered(Tx& tx, const std::vector<std::string>& settlement_ids) {
  std::map<std::string, LastVersion> out;
  for (auto& [id, version, customer] : tx.SelectIn<std::string, std::int64_t, std::string>(
           "select settlement_id, version, customer_id from settlement_facts where settlement_id in (:keys)", settlement_ids)) {
    out[id] = {version, customer};
  }
  return out;
}

void StoreAll(Tx& tx, const std::vector<NewFact>& news) {
  std::map<std::string, std::vector<db::Value>> fresh;
  const auto raced = [](bool wrong) {
    if (wrong) throw db::DbError(db::ErrorKind::kRetry, "settlement raced");
  };
  for (const NewFact& one : news) {
    const leads::v1::SettlementRecorded& event = *one.fact.event;
    if (one.before == 0) {
      fresh[event.settlement_id()] = facts::SettlementValues(one.fact, one.occurred_at, one.recorded_at);
      continue;
    }
    raced(tx.Exec("update settlement_facts set version = :version, customer_id = :customer, settled_on = :day, total_fen = :total, "
                  "occurred_at = :occurred, recorded_at = :recorded, body = :body where settlement_id = :id and version = :before",
                  {{"version", event.version()},
                   {"customer", event.customer_id()},
                   {"day", facts::SettledOn(one.fact)},
                   {"total", facts::TotalOf(event)},
                   {"occurred", one.occurred_at.micros},
                   {"recorded", one.recorded_at.micros},
                   {"body", facts::BodyOf(one.fact)},
                   {"id", event.settlement_id()},
                   {"before", one.before}}) != 1);
  }
  // By their ids: two replicas that bring the same ones wait for each other in one direction only.
  std::vector<std::vector<db::Value>> rows;
  rows.reserve(fresh.size());
  for (auto& [id, row] : fresh) rows.push_back(std::move(row));
  std::string columns;
  for (const std::string_view column : facts::SettlementColumns()) columns += (columns.empty() ? "" : ", ") + std::string(column);
  raced(tx.ExecRows("insert into settlement_facts (" + columns + ")", {}, rows, "on conflict do nothing") !=
        static_cast<std::int64_t>(rows.size()));
}

std::vector<Fact> FactsOf(Tx& tx, const std::string& customer_id) {
  return std::move(FactsOf(tx, std::vector<std::string>{customer_id})[customer_id]);
}

std::map<std::string, std::vector<Fact>> FactsOf(Tx& tx, const std::vector<std::string>& customer_ids) {
  std::map<std::string, std::vector<Fact>> out;
  for (Fact& fact : facts::SettlementsOf(tx, customer_ids)) {
    std::vector<Fact>& of = out[fact.event->customer_id()];
    of.push_back(std::move(fact));
  }
  return out;
}

std::vector<Settlement> ToSettlements(const std::vector<Fact>& all) {
  std::vector<Settlement> out;
  for (const Fact& fact : all) {
    Settlement s{.id = fact.event->settlement_id(), .source = fact.event->source()};
    s.sale = fact.event->kind() == leads::v1::SETTLEMENT_KIND_SALE;
    s.course_no = fact.event->course_no();
    s.settled_at = fact.settled_at;
    s.settled_on = fact.settled_on;
    for (const auto& line : fact.event->lines()) {
      s.total += line.amount_fen();
      // Lines that were published before there was a quantity count as one.
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

contract::Paged<ClassChange> History(Tx& tx, const std::string& customer_id, const contract::Page& page) {
  std::vector<ClassChange> out;
  for (auto& [seq, at, from, to, kind, fact_id, a, b, c, net, reason] :
       tx.Select<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string, std::int64_t, std::int64_t,
                 std::int64_t, std::int64_t, std::string>(
           "select seq, at, from_class, to_class, fact_kind, fact_id, factor_a, factor_b, factor_c, net_spend_fen, reason from "
           "class_changes where customer_id = :customer and seq > :after order by seq limit " +
               std::to_string(page.fetch()),
           {{"customer", customer_id}, {"after", page.Number(0)}})) {
    out.push_back({seq, Instant{at}, static_cast<Class>(from), static_cast<Class>(to), static_cast<FactKind>(kind), fact_id, a != 0, b != 0,
                   c != 0, net, reason});
  }
  return contract::Cut(kClassChangeList, page, std::move(out),
                       [](const ClassChange& one) { return std::vector<std::string>{std::to_string(one.seq)}; });
}

}  // namespace renxin::membership::members
