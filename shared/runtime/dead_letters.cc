#include "shared/runtime/dead_letters.h"
#include "shared/db/rows.h"

#include <limits>

#include "shared/contract/page.h"

namespace renxin::runtime {
namespace {

using ops::v1::DeadLetter;

struct DeadRow {
  std::string id;
  std::string consumer;
  std::string event_id;
  std::string subject;
  std::string reason;
  std::int64_t attempts = 0;
  Instant created_at;
  std::optional<Instant> replayed_at;
  std::optional<Instant> discarded_at;
  std::string discarded_by;
  std::string discard_reason;  // sealed
};
const db::Rows<DeadRow> kDeadRows("dead_letters", {{"id", &DeadRow::id},
                                                   {"consumer", &DeadRow::consumer},
                                                   {"event_id", &DeadRow::event_id},
                                                   {"subject", &DeadRow::subject},
                                                   {"reason", &DeadRow::reason},
                                                   {"attempts", &DeadRow::attempts},
                                                   {"created_at", &DeadRow::created_at},
                                                   {"replayed_at", &DeadRow::replayed_at},
                                                   {"discarded_at", &DeadRow::discarded_at},
                                                   {"discarded_by", &DeadRow::discarded_by},
                                                   {"discard_reason", &DeadRow::discard_reason}});

DeadLetter ToProto(const privacy::Sealer& sealer, const DeadRow& row) {
  DeadLetter letter;
  letter.set_id(row.id);
  letter.set_consumer(row.consumer);
  letter.set_event_id(row.event_id);
  letter.set_subject(row.subject);
  letter.set_reason(row.reason);
  letter.set_attempts(row.attempts);
  letter.set_created_at(FormatTime(row.created_at));
  if (const auto& replayed = row.replayed_at) letter.set_replayed_at(FormatTime(*replayed));
  if (const auto& discarded = row.discarded_at) {
    letter.set_discarded_at(FormatTime(*discarded));
    letter.set_discarded_by(row.discarded_by);
    letter.set_discard_reason(sealer.OpenForService(DiscardSealContext(letter.id()), row.discard_reason));
  }
  return letter;
}

const contract::List kDeadLetterList{"dead_letters", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}};

// Newest first.
contract::Paged<DeadRow> ListDead(Tx& tx, bool all, const std::string& consumer, const contract::Page& page) {
  std::string where = "where created_at <= :at";
  db::Binds binds{{"at", page.first() ? std::numeric_limits<std::int64_t>::max() : page.Number(0)}};
  if (!page.first()) {
    where += " and (created_at < :at2 or id < :id)";
    binds.insert(binds.end(), {{"at2", page.Number(0)}, {"id", page.Text(1)}});
  }
  if (!all) where += " and replayed_at is null and discarded_at is null";
  if (!consumer.empty()) {
    where += " and consumer = :consumer";
    binds.emplace_back("consumer", consumer);
  }
  where += " order by created_at desc, id desc limit " + std::to_string(page.fetch());
  return contract::Cut(kDeadLetterList, page, kDeadRows.Select(tx, where, binds), [](const DeadRow& row) {
    return std::vector<std::string>{std::to_string(row.created_at.micros), row.id};
  });
}

}  // namespace

std::string DiscardSealContext(const std::string& id) { return "dead_letters.discard:" + id; }

std::optional<DeadLetter> GetDeadLetter(Tx& tx, const Environment& env, const std::string& id) {
  const auto rows = kDeadRows.Select(tx, "where id = :id", {{"id", id}});
  if (rows.empty()) return std::nullopt;
  return ToProto(env.sealer, rows.front());
}

Result<ops::v1::ListDeadLettersResponse> ListDeadLetters(Tx& tx, const Environment& env, const ops::v1::ListDeadLettersRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kDeadLetterList, req));
  const contract::Paged<DeadRow> page = ListDead(tx, req.all(), req.consumer(), asked);
  ops::v1::ListDeadLettersResponse out;
  for (const DeadRow& row : page.rows) *out.add_dead_letters() = ToProto(env.sealer, row);
  out.set_next_page_token(page.next_page_token);
  return out;
}

}  // namespace renxin::runtime
