#pragma once
// Messages and tasks: one for an occasion of somebody (N6).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/notifications/sending/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::notifications::messages {

using sending::State;

struct Row {
  std::string id;
  std::string kind;
  std::string recipient;
  std::string occasion;
  bool marketing = false;
  bool greeting = false;
  std::string channel;  // task or sms
  std::string template_code;
  std::int64_t template_version = 0;
  State state = State::kScheduled;
  std::string reason;
  std::string day;
  Instant due_at;
  std::optional<Instant> expires_at;
  std::string claim;  // who may record what came of it
  std::optional<Instant> lease_until;
  std::optional<Instant> handed_at;
  std::optional<Instant> accepted_at;
  std::int64_t parts = 0;
  // To whom it went, as keyed indexes of phone and person; empty before.
  std::string phone_key;
  std::string person_key;
  std::int64_t version = 1;

  // N6: the same however often it is tried.
  std::string key() const { return kind + ":" + recipient + ":" + occasion; }
  bool task() const { return channel == "task"; }
};

// False when there is one for this occasion already.
bool Insert(Tx& tx, const Row& row, Instant now);
std::optional<Row> Get(Tx& tx, const std::string& id);
std::optional<Row> GetForUpdate(Tx& tx, const std::string& id);
// Writes what may change; `was` is the state it had, and goes into the history when it is another now. A move that no rule
// allows throws: callers ask sending::MayMove where it may be refused.
void Save(Tx& tx, Row& row, State was, const std::string& by, Instant now);
// The same where a person says why: what they typed stands in the history alone, sealed (G6).
struct Typed {
  std::string by;
  std::string why;
};
void SaveTyped(Tx& tx, const Environment& env, Row& row, State was, const Typed& typed, Instant now);

struct Filter {
  std::optional<State> state;
  std::string kind;
  std::string day;
  std::string recipient;
  std::string channel;
};
// Messages, the newest first; tasks, the oldest first.
inline const contract::List kMessageList{"messages", {contract::KeyPart::kUuid}};
inline const contract::List kTaskList{"tasks", {contract::KeyPart::kUuid}};
contract::Paged<Row> List(Tx& tx, const Filter& filter, const contract::Page& page);
// Handed over and not yet done.
contract::Paged<Row> OpenTasks(Tx& tx, const contract::Page& page);

// For who sends; each claims its rows where the database locks rows.
std::vector<Row> Due(Tx& tx, Instant now, int limit);
// Of that state, with a lease that is over.
std::vector<Row> Expired(Tx& tx, State state, Instant now, int limit);
std::vector<Row> TasksOverdue(Tx& tx, Instant now, int limit);
// When something is to be looked at next.
std::optional<Instant> NextDue(Tx& tx);

// What was handed over since, still standing: to one person (of that sort), or to everybody.
int HandedTo(Tx& tx, const std::string& recipient, Instant since);
// N3: marketing that is neither a greeting nor a task and went to these phones; by phone key.
struct PhoneCounts {
  int today = 0;
  int this_month = 0;
};
std::map<std::string, PhoneCounts> CountsOfPhones(Tx& tx, const std::vector<std::string>& phone_keys, Instant day_began,
                                                  Instant month_began);
// N6: another message for the same kind and occasion went to this person.
bool HadUnderAnotherRecord(Tx& tx, const Row& row, const std::string& person_key);
int HandedSince(Tx& tx, Instant since);
std::int64_t CountIn(Tx& tx, State state);

}  // namespace renxin::notifications::messages
