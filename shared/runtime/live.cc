#include "shared/runtime/live.h"

#include <algorithm>

#include "renxin/identity/v1/identity_events.pb.h"
#include "shared/runtime/roster.h"

namespace renxin::runtime {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// ScopeClause shows a reader as many owners at most; beyond it list and live could differ.
constexpr std::size_t kViewersMax = 500;
constexpr int kPage = 500;

// What may stand in a header and in a list by comma.
bool IsId(const std::string& text) {
  return !text.empty() && text.size() <= 80 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ',' && c != '"'; });
}

std::vector<std::string> Values(const Message& message, const std::vector<const FieldDescriptor*>& fields) {
  std::vector<std::string> values;
  values.reserve(fields.size());
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

void GroupViewers::Refresh(db::Tx& tx, Day day) {
  // A row is only ever replaced by a higher version, so the two together change whenever anything has.
  const auto now =
      tx.First<std::int64_t, std::int64_t>("select cast(count(*) as bigint), cast(coalesce(sum(version), 0) as bigint) from roster");
  const auto [rows, versions] = now.value_or(std::tuple<std::int64_t, std::int64_t>{0, 0});
  if (rows == rows_ && versions == versions_ && day == day_) return;
  placements_.clear();
  std::map<std::pair<std::string, std::string>, std::string> by_number;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<std::set<std::string>>> groups;
  std::map<std::string, std::pair<std::string, std::string>> supervisors;  // staff id → source and number
  for (std::string after;;) {
    const std::vector<RosterEntry> page = ListRoster(tx, "", after, kPage);
    for (const RosterEntry& entry : page) {
      by_number[{entry.source, entry.staff_no}] = entry.staff_id;
      const identity::v1::StaffPeriod* period = PeriodOn(*entry.snapshot, day);
      if (period == nullptr) continue;
      Placement& placement = placements_[entry.staff_id];
      if (!period->supervisor_no().empty()) supervisors[entry.staff_id] = {entry.source, period->supervisor_no()};
      if (period->group_no().empty()) continue;
      auto& group = groups[{entry.source, period->group_no()}];
      if (!group) group = std::make_shared<std::set<std::string>>();
      group->insert(entry.staff_id);
      placement.group = group;
    }
    if (page.size() < static_cast<std::size_t>(kPage)) break;
    after = page.back().staff_id;
  }
  for (auto& [staff_id, placement] : placements_) {
    const bool too_large = placement.group && placement.group->size() > kViewersMax;
    if (too_large) placement.group.reset();
    const auto named = supervisors.find(staff_id);
    if (too_large || named == supervisors.end()) continue;
    if (const auto supervisor = by_number.find(named->second); supervisor != by_number.end()) placement.supervisor = supervisor->second;
  }
  rows_ = rows;
  versions_ = versions;
  day_ = day;
}

void GroupViewers::AddOf(const std::string& staff_id, std::set<std::string>* viewers) const {
  const auto found = placements_.find(staff_id);
  if (found == placements_.end()) return;
  const Placement& placement = found->second;
  if (placement.group) viewers->insert(placement.group->begin(), placement.group->end());
  if (!placement.supervisor.empty()) viewers->insert(placement.supervisor);
}

LiveHeaders::LiveHeaders(const contract::DescriptorSet& set, std::string_view service, const Zone& zone, bool groups)
    : zone_(zone), groups_(groups), factory_(set.pool.get()) {
  std::vector<std::string> problems;  // the gateway does not start on them, and contract_test names them
  for (contract::LiveEventType& event : contract::LiveEvents(set, &problems)) {
    if (event.service == service) events_.emplace(event.name, std::move(event));
  }
}

void LiveHeaders::Begin(db::Tx& tx, Instant now) {
  now_ = now;
  if (groups_) viewers_.Refresh(tx, zone_.DayOf(now));
}

std::string LiveHeaders::GroupText(const std::vector<std::string>& owners) const {
  std::set<std::string> all;
  for (const std::string& owner : owners) viewers_.AddOf(owner, &all);
  return Joined(all, ',');
}

void LiveHeaders::Add(const std::string& name, const std::string& body, Instant recorded_at, bus::Headers* headers) {
  const auto found = events_.find(name);
  if (found == events_.end() || recorded_at.micros < now_.micros - kLiveMicros) return;
  const contract::LiveEventType& event = found->second;
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
  const std::string group = GroupText(owners);
  if (!group.empty()) headers->emplace_back(kLiveGroup, group);
}

}  // namespace renxin::runtime
