#pragma once
// What rides in an event's headers so that a gateway knows whom to tell of it live: the record's id, the staff whose record
// it is, and the staff in whose group one of those is. Ids only. docs/adr/0010.

#include <google/protobuf/dynamic_message.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/bus/bus.h"
#include "shared/contract/live.h"
#include "shared/core/time.h"
#include "shared/db/tx.h"

namespace renxin::runtime {

class Roster;

// Headers of a live event; an event without kLiveId is not one.
inline constexpr std::string_view kLiveId = "renxin-live-id";
inline constexpr std::string_view kLiveOwners = "renxin-live-owners";  // by comma
inline constexpr std::string_view kLiveGroup = "renxin-live-group";    // by comma
// What was recorded longer ago is published again, not news.
inline constexpr std::int64_t kLiveMicros = 60'000'000;

// The staff who see somebody as one of their group: those of the same group, however many, and the supervisor. The other way
// round of GroupOf, from the same roster.
class GroupViewers {
 public:
  // Once a batch.
  void Refresh(db::Tx& tx, Day day);
  // Adds those of `staff_id`.
  void AddOf(const std::string& staff_id, std::set<std::string>* viewers) const;

 private:
  std::shared_ptr<const Roster> roster_;
  Day day_{};
};

// One thread.
class LiveHeaders {
 public:
  // `set` must outlive it. `groups`: the service follows the roster and shows supervisors their group's.
  LiveHeaders(const contract::DescriptorSet& set, std::string_view service, const Zone& zone, bool groups);

  // Before the events of a batch: the roster as it is for the batch.
  void Begin(db::Tx& tx, Instant now);
  // Adds what is to be added for the event `name`: nothing for one that is not live, is older than a minute, or names no record.
  void Add(const std::string& name, const std::string& body, Instant recorded_at, bus::Headers* headers);

 private:
  std::string GroupText(const std::vector<std::string>& owners) const;

  const Zone& zone_;
  const bool groups_;
  Instant now_{};
  std::map<std::string, contract::LiveEventType> events_;
  google::protobuf::DynamicMessageFactory factory_;
  GroupViewers viewers_;
};

}  // namespace renxin::runtime
