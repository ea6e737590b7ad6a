#include "services/notifications/messages/store.h"

#include <stdexcept>

#include "shared/db/rows.h"
namespace renxin::notifications::messages {
namespace {

using Int = std::int64_t;

const db::Rows<Row> kMessages("messages", {{"id", &Row::id},
                                           {"kind", &Row::kind},
                                           {"recipient", &Row::recipient},
                                           {"occasion", &Row::occasion},
                                           {"marketing", &Row::marketing},
                                           {"greeting", &Row::greeting},
                                           {"channel", &Row::channel},
                                           {"template_code", &Row::template_code},
                                           {"template_version", &Row::template_version},
                                           {"state", &Row::state},
                                           {"reason", &Row::reason},
                                           {"day", &Row::day},
                                           {"due_at", &Row::due_at},
                                           {"expires_at", &Row::expires_at},
                                           {"claim", &Row::claim},
                                           {"lease_until", &Row::lease_until},
                                           {"handed_at", &Row::handed_at},
                                           {"accepted_at", &Row::accepted_at},
                                           {"parts", &Row::parts},
                                           {"phone_key", &Row::phone_key},
                                           {"person_key", &Row::person_key},
                                           {"version", &Row::version}});

db::Value AsValue(const std::optional<Instant>& at) { return at ? db::Value(at->micros) : db::Value(); }

int Count(Tx& tx, const std::string& where, const db::Binds& binds) {
  return static_cast<int>(std::get<0>(*tx.First<Int>("select cast(count(*) as bigint) from messages where " + where, binds)));
}

std::vector<std::string> KeyOf(const Row& row) { return {row.id}; }

}  // namespace

bool Insert(Tx& tx, const Row& row, Instant now) {
  const bool inserted =
      tx.Exec(
          "insert into messages (id, kind, recipient, occasion, marketing, greeting, channel, template_code, state, reason, day, due_at, "
          "expires_at, parts, version, created_at) values (:id, :kind, :recipient, :occasion, :marketing, :greeting, :channel, :code, "
          ":state, :reason, :day, :due, :expires, 0, 1, :now) on conflict do nothing",
          {{"id", row.id},
           {"kind", row.kind},
           {"recipient", row.recipient},
           {"occasion", row.occasion},
           {"marketing", row.marketing ? 1 : 0},
           {"greeting", row.greeting ? 1 : 0},
           {"channel", row.channel},
           {"code", db::TextOrNull(row.template_code)},
           {"state", static_cast<int>(row.state)},
           {"reason", db::TextOrNull(row.reason)},
           {"day", row.day},
           {"due", row.due_at.micros},
           {"expires", AsValue(row.expires_at)},
           {"now", now.micros}}) == 1;
  if (inserted) db::AppendHistory(tx, {"message", row.id, now, "worker", "", std::string(NameOf(row.state)), row.reason});
  return inserted;
}

std::optional<Row> Get(Tx& tx, const std::string& id) { return kMessages.First(tx, "where id = :id", {{"id", id}}); }

std::optional<Row> GetForUpdate(Tx& tx, const std::string& id) {
  return kMessages.First(tx, "where id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
}

namespace {

void Write(Tx& tx, Row& row, State was) {
  if (row.state != was && !sending::MayMove(was, row.state)) {
    throw std::logic_error("N6: no message goes from " + std::string(NameOf(was)) + " to " + std::string(NameOf(row.state)));
  }
  ++row.version;
  tx.Exec(
      "update messages set channel = :channel, template_code = :code, template_version = :code_version, state = :state, reason = :reason, "
      "due_at = :due, claim = :claim, lease_until = :lease, handed_at = :handed, accepted_at = :accepted, parts = :parts, "
      "phone_key = :phone, person_key = :person, version = :version where id = :id",
      {{"channel", row.channel},
       {"code", db::TextOrNull(row.template_code)},
       {"code_version", row.template_version == 0 ? db::Value() : db::Value(row.template_version)},
       {"state", static_cast<int>(row.state)},
       {"reason", db::TextOrNull(row.reason)},
       {"due", row.due_at.micros},
       {"claim", db::TextOrNull(row.claim)},
       {"lease", AsValue(row.lease_until)},
       {"handed", AsValue(row.handed_at)},
       {"accepted", AsValue(row.accepted_at)},
       {"parts", row.parts},
       {"phone", db::TextOrNull(row.phone_key)},
       {"person", db::TextOrNull(row.person_key)},
       {"version", row.version},
       {"id", row.id}});
}

}  // namespace

void Save(Tx& tx, Row& row, State was, const std::string& by, Instant now) {
  Write(tx, row, was);
  if (row.state == was) return;
  db::AppendHistory(tx, {"message", row.id, now, by, std::string(NameOf(was)), std::string(NameOf(row.state)), row.reason});
}

void SaveTyped(Tx& tx, const Environment& env, Row& row, State was, const Typed& typed, Instant now) {
  row.reason = "by hand, the history says why";
  Write(tx, row, was);
  db::AppendSealedHistory(tx, env.sealer,
                          {"message", row.id, now, typed.by, std::string(NameOf(was)), std::string(NameOf(row.state)), typed.why});
}

contract::Paged<Row> List(Tx& tx, const Filter& filter, const contract::Page& page) {
  std::string where = "where (:first = 1 or id < :after)";
  db::Binds binds{{"first", page.first() ? 1 : 0}, {"after", page.Text(0)}};
  const auto only = [&](const char* column, const std::string& value) {
    if (value.empty()) return;
    where += std::string(" and ") + column + " = :" + column;
    binds.emplace_back(column, value);
  };
  only("kind", filter.kind);
  only("day", filter.day);
  only("recipient", filter.recipient);
  only("channel", filter.channel);
  if (filter.state) {
    where += " and state = :state";
    binds.emplace_back("state", static_cast<int>(*filter.state));
  }
  return contract::Cut(kMessageList, page, kMessages.Select(tx, where + " order by id desc limit " + std::to_string(page.fetch()), binds),
                       KeyOf);
}

contract::Paged<Row> OpenTasks(Tx& tx, const contract::Page& page) {
  return contract::Cut(
      kTaskList, page,
      kMessages.Select(tx, "where id > :after and channel = 'task' and state = :state order by id limit " + std::to_string(page.fetch()),
                       {{"after", page.Text(0)}, {"state", static_cast<int>(State::kAccepted)}}),
      KeyOf);
}

std::vector<Row> Due(Tx& tx, Instant now, int limit) {
  return kMessages.Select(
      tx, "where state = 1 and due_at <= :now order by due_at, id limit " + std::to_string(limit) + std::string(tx.ForUpdateSkipLocked()),
      {{"now", now.micros}});
}

std::vector<Row> Expired(Tx& tx, State state, Instant now, int limit) {
  return kMessages.Select(tx,
                          "where state = :state and lease_until <= :now order by lease_until, id limit " + std::to_string(limit) +
                              std::string(tx.ForUpdateSkipLocked()),
                          {{"state", static_cast<int>(state)}, {"now", now.micros}});
}

std::vector<Row> TasksOverdue(Tx& tx, Instant now, int limit) {
  return kMessages.Select(tx,
                          "where state = 3 and channel = 'task' and expires_at <= :now order by expires_at, id limit " +
                              std::to_string(limit) + std::string(tx.ForUpdateSkipLocked()),
                          {{"now", now.micros}});
}

std::optional<Instant> NextDue(Tx& tx) {
  const auto row = tx.First<std::optional<Int>>(
      "select min(at) from (select min(due_at) as at from messages where state = 1 "
      "union all select min(lease_until) from messages where state in (2, 7) "
      "union all select min(expires_at) from messages where state = 3 and channel = 'task') as times");
  if (!row || !std::get<0>(*row)) return std::nullopt;
  return Instant{*std::get<0>(*row)};
}

int HandedTo(Tx& tx, const std::string& recipient, Instant since) {
  return Count(tx, "recipient = :who and handed_at >= :since and channel <> 'task'", {{"who", recipient}, {"since", since.micros}});
}

std::map<std::string, PhoneCounts> CountsOfPhones(Tx& tx, const std::vector<std::string>& phone_keys, Instant day_began,
                                                  Instant month_began) {
  std::map<std::string, PhoneCounts> out;
  // Not what is claimed: that is only now being judged. One that is sent again has its phone already, and would count against itself.
  for (auto& [key, today, month] : tx.SelectIn<std::string, Int, Int>(
           "select phone_key, cast(sum(case when handed_at >= :day then 1 else 0 end) as bigint), cast(count(*) as bigint) from messages "
           "where marketing = 1 and greeting = 0 and channel <> 'task' and state <> 2 and handed_at >= :month and phone_key in (:keys) "
           "group by phone_key",
           phone_keys, {{"day", day_began.micros}, {"month", month_began.micros}})) {
    out[key] = {static_cast<int>(today), static_cast<int>(month)};
  }
  return out;
}

bool HadUnderAnotherRecord(Tx& tx, const Row& row, const std::string& person_key) {
  // Not what was refused by the channel for good: that did not go.
  return tx
      .First<std::string>(
          "select id from messages where person_key = :person and kind = :kind and occasion = :occasion and id <> :id and "
          "handed_at is not null and state not in (5, 9) limit 1",
          {{"person", person_key}, {"kind", row.kind}, {"occasion", row.occasion}, {"id", row.id}})
      .has_value();
}

int HandedSince(Tx& tx, Instant since) {
  return Count(tx, "handed_at is not null and handed_at > :since and channel <> 'task'", {{"since", since.micros}});
}

std::int64_t CountIn(Tx& tx, State state) { return Count(tx, "state = :state", {{"state", static_cast<int>(state)}}); }

}  // namespace renxin::notifications::messages
