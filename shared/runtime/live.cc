#include "shared/runtime/live.h"

#include <algorithm>

#include "shared/runtime/roster.h"

namespace renxin::runtime {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A group larger than this is a department: its heads see all. The same bound as ScopeClause has.
constexpr std::size_t kSeersMax = 500;
constexpr int kPage = 500;

// What may stand in a header and in a list by comma.
bool IsId(const std::string& text) {
  return !text.empty() && text.size() <= 80 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ',' && c != '"'; });
}

std::vector<std::string> Values(const Message& message, const std::vector<const FieldDescriptor*>& fields) {
  std::vector<std::string> values;
  for (const FieldDescriptor* field : fields) values.push_back(message.GetReflection()->GetString(message, field));
  return values;
}

template <class Range>
std::string Joined(const Range& parts, char between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(1, between)) + part;
  return text;
}

}  // namespace

const std::set<std::string>& Seers::Of(db::Tx& tx, const std::string& staff_id, Day day) {
  Refresh(tx, day);
  return seers_[staff_id];
}

void Seers::Refresh(db::Tx& tx, Day day) {
  // A row is only ever replaced by a higher version, so the two together change whenever anything has.
  const auto now =
      tx.First<std::int64_t, std::int64_t>("select cast(count(*) as bigint), cast(coalesce(sum(version), 0) as bigint) from roster");
  const auto [rows, versions] = now.value_or(std::tuple<std::int64_t, std::int64_t>{0, 0});
  if (rows == rows_ && versions == versions_ && day == day_) return;
  seers_.clear();
  struct Place {
    std::string staff_id, source, group, supervisor;
  };
  std::vector<Place> places;
  std::map<std::pair<std::string, std::string>, std::string> by_number;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> groups;
  for (std::string after;;) {
    const std::vector<RosterEntry> page = ListRoster(tx, "", after, kPage);
    for (const RosterEntry& entry : page) {
      by_number[{entry.source, entry.staff_no}] = entry.staff_id;
      const identity::v1::StaffPeriod* period = PeriodOn(entry.snapshot, day);
      if (period == nullptr) continue;
      places.push_back({entry.staff_id, entry.source, period->group_no(), period->supervisor_no()});
      if (!period->group_no().empty()) groups[{entry.source, period->group_no()}].insert(entry.staff_id);
    }
    if (page.size() < static_cast<std::size_t>(kPage)) break;
    after = page.back().staff_id;
  }
  for (const Place& place : places) {
    std::set<std::string>& seers = seers_[place.staff_id];
    if (!place.group.empty()) seers = groups[{place.source, place.group}];
    const auto supervisor = by_number.find({place.source, place.supervisor});
    if (!place.supervisor.empty() && supervisor != by_number.end()) seers.insert(supervisor->second);
    while (seers.size() > kSeersMax) seers.erase(std::prev(seers.end()));
  }
  rows_ = rows;
  versions_ = versions;
  day_ = day;
}

LiveHeaders::LiveHeaders(const contract::DescriptorSet& set, std::string_view service, const Zone& zone, bool groups)
    : zone_(zone), groups_(groups), factory_(set.pool.get()) {
  std::vector<std::string> problems;  // the gateway does not start on them, and contract_test names them
  for (contract::LiveEvent& event : contract::LiveEvents(set, &problems)) {
    if (event.service == service) events_.emplace(event.name, std::move(event));
  }
}

std::string LiveHeaders::GroupText(db::Tx& tx, const std::vector<std::string>& owners, Day day) {
  std::set<std::string> all;
  for (const std::string& owner : owners) {
    const std::set<std::string>& seers = seers_.Of(tx, owner, day);
    all.insert(seers.begin(), seers.end());
  }
  return Joined(all, ',');
}

void LiveHeaders::Add(db::Tx& tx, const std::string& name, const std::string& body, Instant recorded_at, Instant now,
                      bus::Headers* headers) {
  const auto found = events_.find(name);
  if (found == events_.end() || recorded_at.micros < now.micros - kLiveMicros) return;
  const contract::LiveEvent& event = found->second;
  const std::unique_ptr<Message> message(factory_.GetPrototype(event.descriptor)->New());
  if (!message->ParseFromString(body)) return;
  const std::vector<std::string> id = Values(*message, event.id);
  if (!std::all_of(id.begin(), id.end(), IsId)) return;
  std::vector<std::string> owners = Values(*message, event.owners);
  std::erase_if(owners, [](const std::string& owner) { return !IsId(owner); });
  headers->emplace_back(kLiveId, Joined(id, '/'));
  if (owners.empty()) return;
  headers->emplace_back(kLiveOwners, Joined(owners, ','));
  if (!groups_ || !event.ShowsGroups()) return;
  const std::string group = GroupText(tx, owners, zone_.DayOf(now));
  if (!group.empty()) headers->emplace_back(kLiveGroup, group);
}

}  // namespace renxin::runtime
