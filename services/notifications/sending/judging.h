#pragma once
// Judging (N1–N3, N6): whether a message that is due is claimed, put off, dropped or expired, by what is known in its own transaction.

#include <map>
#include <string>
#include <vector>

#include "services/notifications/birthdays/rules.h"
#include "services/notifications/sending/job.h"

namespace renxin::notifications::sending {

void Claim(messages::Row& row, Instant now);

// The messages that are due, and what is known of their recipients, loaded together.
class DueMessages {
 public:
  DueMessages(Tx& tx, const TimerContext& ctx, const Policy& policy, const std::vector<messages::Row>& due);

  // Claims it for the job, or puts it off, drops or expires it.
  void Judge(messages::Row& row, Job* job);

 private:
  birthdays::Plan PlanOf(const messages::Row& row) const;
  Facts FactsOf(const messages::Row& row, const birthdays::Plan& plan);
  void Postpone(messages::Row& row, const Judgement& judgement);
  void End(messages::Row& row, State state, const std::string& reason);

  Tx& tx_;
  const TimerContext& ctx_;
  const Policy& policy_;
  std::map<std::string, birthdays::Member> members_;
  std::map<std::string, templates::Row> templates_;
  int handed_ = 0;  // to the channel within the last hour
};

}  // namespace renxin::notifications::sending
