#include "services/membership/surveys/store.h"

namespace renxin::membership::surveys {

void Insert(Tx& tx, const Survey& survey, Instant now) {
  tx.Exec(
      "insert into surveys (id, customer_id, satisfaction, answered_at, recorded_at, recorded_by) values (:id, :customer, :satisfaction, "
      ":answered, :now, :by)",
      {{"id", survey.id},
       {"customer", survey.customer_id},
       {"satisfaction", static_cast<int>(survey.satisfaction)},
       {"answered", survey.answered_at.micros},
       {"now", now.micros},
       {"by", survey.recorded_by}});
}

contract::Paged<Survey> Of(Tx& tx, const std::string& customer_id, const contract::Page& page) {
  std::vector<Survey> rows;
  for (auto& [id, satisfaction, answered, by] : tx.Select<std::string, std::int64_t, std::int64_t, std::string>(
           "select id, satisfaction, answered_at, recorded_by from surveys where customer_id = :customer and (:first = 1 or answered_at < "
           ":at or (answered_at = :at2 and id < :after)) order by answered_at desc, id desc limit " +
               std::to_string(page.fetch()),
           {{"customer", customer_id},
            {"first", page.first() ? 1 : 0},
            {"at", page.Number(0)},
            {"at2", page.Number(0)},
            {"after", page.Text(1)}})) {
    rows.push_back({id, customer_id, static_cast<Satisfaction>(satisfaction), Instant{answered}, by});
  }
  return contract::Cut(kSurveyList, page, std::move(rows), [](const Survey& one) {
    return std::vector<std::string>{std::to_string(one.answered_at.micros), one.id};
  });
}

std::map<std::string, std::vector<members::Answer>> AnswersOf(Tx& tx, const std::vector<std::string>& customer_ids) {
  std::map<std::string, std::vector<members::Answer>> out;
  for (auto& [customer, id, satisfaction, answered] : tx.SelectIn<std::string, std::string, std::int64_t, std::int64_t>(
           "select s.customer_id, s.id, s.satisfaction, s.answered_at from surveys s where s.customer_id in (:keys) and not exists "
           "(select 1 from surveys later where later.customer_id = s.customer_id and (later.answered_at > s.answered_at or "
           "(later.answered_at = s.answered_at and later.id > s.id)))",
           customer_ids)) {
    out[customer].push_back({id, static_cast<Satisfaction>(satisfaction), Instant{answered}});
  }
  return out;
}

}  // namespace renxin::membership::surveys
