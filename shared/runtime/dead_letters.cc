#include "shared/runtime/dead_letters.h"

#include <limits>

#include "shared/contract/page.h"

namespace renxin::runtime {
namespace {

using ops::v1::DeadLetter;

using DeadRow = std::tuple<std::string, std::string, std::string, std::string, std::string, std::int64_t, std::int64_t,
                           std::optional<std::int64_t>, std::optional<std::int64_t>, std::string, std::string>;

DeadLetter ToProto(const privacy::Sealer& sealer, const DeadRow& row) {
  DeadLetter letter;
  letter.set_id(std::get<0>(row));
  letter.set_consumer(std::get<1>(row));
  letter.set_event_id(std::get<2>(row));
  letter.set_subject(std::get<3>(row));
  letter.set_reason(std::get<4>(row));
  letter.set_attempts(std::get<5>(row));
  letter.set_created_at(FormatTime({std::get<6>(row)}));
  if (const auto& replayed = std::get<7>(row)) letter.set_replayed_at(FormatTime({*replayed}));
  if (const auto& discarded = std::get<8>(row)) {
    letter.set_discarded_at(FormatTime({*discarded}));
    letter.set_discarded_by(std::get<9>(row));
    letter.set_discard_reason(sealer.OpenForService(DiscardSealContext(letter.id()), std::get<10>(row)));
  }
  return letter;
}

std::vector<DeadRow> SelectDead(Tx& tx, const std::string& where, const db::Binds& binds) {
  return tx.Select<std::string, std::string, std::string, std::string, std::string, std::int64_t, std::int64_t, std::optional<std::int64_t>,
                   std::optional<std::int64_t>, std::string, std::string>(
      "select id, consumer, event_id, subject, reason, attempts, created_at, replayed_at, discarded_at, coalesce(discarded_by, ''), "
      "coalesce(discard_reason, '') from dead_letters " +
          where,
      binds);
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
  return contract::Cut(kDeadLetterList, page, SelectDead(tx, where, binds), [](const DeadRow& row) {
    return std::vector<std::string>{std::to_string(std::get<6>(row)), std::get<0>(row)};
  });
}

}  // namespace

std::string DiscardSealContext(const std::string& id) { return "dead_letters.discard:" + id; }

std::optional<DeadLetter> GetDeadLetter(Tx& tx, const Environment& env, const std::string& id) {
  const auto rows = SelectDead(tx, "where id = :id", {{"id", id}});
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
