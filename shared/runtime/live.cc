#include "shared/runtime/live.h"

#include <algorithm>

#include "shared/runtime/roster.h"

namespace renxin::runtime {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The broker takes 300 KB, and a message that it refuses would stop the relay: where a group of some 7,000 leaves no room nobody of it is
// notified, and lists are read.
constexpr std::size_t kMessageMax = 280'000;

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
  roster_ = Roster::Of(tx);
  day_ = day;
}

void GroupViewers::AddOf(const std::string& staff_id, std::set<std::string>* viewers) const {
  if (roster_ == nullptr) return;
  for (std::string& viewer : roster_->ViewersOf(staff_id, day_)) viewers->insert(std::move(viewer));
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
  if (!group.empty() && body.size() + group.size() <= kMessageMax) headers->emplace_back(kLiveGroup, group);
}

}  // namespace renxin::runtime
