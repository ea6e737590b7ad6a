#include "shared/contract/live.h"

#include <algorithm>

#include "renxin/options/v1/event.pb.h"
#include "shared/contract/method.h"
#include "shared/core/text.h"

namespace renxin::contract {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Roles = google::protobuf::RepeatedPtrField<std::string>;

bool Names(const Roles& roles, const std::string& role) {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& one) { return one == "*" || one == role; });
}

bool HasAny(const LiveCaller& caller, const Roles& roles) {
  return std::any_of(caller.roles.begin(), caller.roles.end(), [&](const std::string& role) { return Names(roles, role); });
}

bool Holds(const std::vector<std::string>& list, const std::string& one) {
  return !one.empty() && std::find(list.begin(), list.end(), one) != list.end();
}

// Looks at one event; what is wrong with it is added to `problems`.
class Reader {
 public:
  Reader(const Descriptor* message, const options::v1::Event& option, LiveEventType* event, std::vector<std::string>* problems)
      : option_(option), event_(event), problems_(problems) {
    event->descriptor = message;
    event->name = option.name();
    event->audience.assign(option.audience().begin(), option.audience().end());
  }

  // True when the event is live and nothing is wrong.
  bool Read(const std::vector<MethodInfo>& methods) {
    const std::size_t before = problems_->size();
    if (!option_.has_live()) {
      if (option_.audience_size() > 0) Say("has an audience and no `live`");
      return false;
    }
    if (option_.audience_size() == 0) Say("is live and has no audience");
    const auto found = std::find_if(methods.begin(), methods.end(), [&](const MethodInfo& method) {
      return method.service == event_->service && method.name() == option_.live().read();
    });
    if (found == methods.end() || HttpVerb(found->http) != "GET" || found->access.anonymous()) {
      Say("live.read must name a GET rpc of the same service: " + option_.live().read());
      return false;
    }
    event_->access = found->access;
    ReadId(*found);
    ReadOwners(*found);
    for (const std::string& role : option_.audience()) {
      if (!Names(event_->access.roles(), role)) Say("is shown to '" + role + "', who may not call " + option_.live().read());
    }
    return problems_->size() == before;
  }

 private:
  void Say(const std::string& what) { problems_->push_back("event " + event_->service + "/" + event_->name + ": " + what); }

  const FieldDescriptor* StringField(const Descriptor* message, const std::string& name) {
    const auto* field = message->FindFieldByName(name);
    if (field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING) return field;
    Say(message->name() + " has no string field " + name);
    return nullptr;
  }

  void ReadId(const MethodInfo& read) {
    for (const std::string& name : option_.live().id()) event_->id.push_back(StringField(event_->descriptor, name));
    const std::string& path = HttpPattern(read.http);
    if (std::count(path.begin(), path.end(), '{') != option_.live().id_size()) Say("live.id does not fill the path " + path);
  }

  void ReadOwners(const MethodInfo& read) {
    // Who reads compares with the field of that name: an owner whom the record does not know would be one of our own making.
    for (const std::string& name : option_.live().owner()) {
      event_->owners.push_back(StringField(event_->descriptor, name));
      StringField(read.descriptor->output_type(), name);
    }
    const bool limited = std::any_of(option_.audience().begin(), option_.audience().end(),
                                     [&](const std::string& role) { return !Names(event_->access.sees_all(), role); });
    if (limited && event_->owners.empty()) Say("has no live.owner, and some of its audience see only their own or their group's");
    if (!limited && !event_->owners.empty()) Say("has a live.owner, and all of its audience see every row");
  }

  const options::v1::Event& option_;
  LiveEventType* event_;
  std::vector<std::string>* problems_;
};

}  // namespace

std::vector<LiveEventType> LiveEvents(const DescriptorSet& set, std::vector<std::string>* problems) {
  std::vector<LiveEventType> events;
  const std::vector<MethodInfo> methods = AllMethods(set);
  for (const auto* file : set.files) {
    const auto parts = SplitText(file->package(), '.');
    for (int i = 0; i < file->message_type_count(); ++i) {
      const Descriptor* message = file->message_type(i);
      if (parts.size() != 3 || !HasOption(message, options::v1::event)) continue;
      LiveEventType event;
      event.service = parts[1];
      Reader reader(message, Option(message, options::v1::event), &event, problems);
      if (reader.Read(methods)) events.push_back(std::move(event));
    }
  }
  return events;
}

bool MayReceive(const LiveEventType& event, const LiveCaller& caller, const std::vector<std::string>& owners,
                const std::vector<std::string>& viewers) {
  const bool meant =
      std::any_of(event.audience.begin(), event.audience.end(), [&](const std::string& role) { return Holds(caller.roles, role); });
  if (!meant || !HasAny(caller, event.access.roles())) return false;
  if (HasAny(caller, event.access.sees_all()) || Holds(owners, caller.staff_id)) return true;
  return HasAny(caller, event.access.sees_group()) && Holds(viewers, caller.staff_id);
}

}  // namespace renxin::contract
