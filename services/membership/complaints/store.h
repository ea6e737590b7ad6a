#pragma once
// Complaints; what is written in words is sealed with a key of the person's own (G6).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/membership/complaints/rules.h"
#include "services/membership/members/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::membership::complaints {

struct Complaint {
  std::string id;
  std::string customer_id;
  State state = State::kOpen;
  Instant opened_at;
  std::optional<Instant> resolved_at;
  Resolution resolution;
  std::int64_t version = 1;
};

void Insert(Tx& tx, const Complaint& complaint, std::string_view by);
// `from` is the state before; with history.
void Save(Tx& tx, const Complaint& complaint, State from, std::string_view by, Instant now);
std::optional<Complaint> Get(Tx& tx, const std::string& id, bool for_update);

struct ListFilter {
  std::string customer_id;
  int state = 0;
};
// Newest first.
inline const contract::List kComplaintList{"complaints", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}};
contract::Paged<Complaint> List(Tx& tx, const ListFilter& filter, const contract::Page& page);
// As facts of M3.
std::map<std::string, std::vector<members::Dispute>> DisputesOf(Tx& tx, const std::vector<std::string>& customer_ids);

struct Note {
  Instant at;
  std::string by;
  std::string text;
};
void AddNote(Tx& tx, const Environment& env, const Complaint& complaint, const Note& note);
// In clear text, oldest first.
std::vector<Note> Notes(Tx& tx, const Environment& env, const Complaint& complaint);

}  // namespace renxin::membership::complaints
