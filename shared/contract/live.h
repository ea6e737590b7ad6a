#pragma once
// The live events of the contract, and who may receive them: whoever may read the record, row by row.

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "renxin/options/v1/access.pb.h"
#include "shared/contract/descriptors.h"

namespace renxin::contract {

struct LiveEventType {
  std::string service;  // leads
  std::string name;     // settlement_recorded
  const google::protobuf::Descriptor* descriptor = nullptr;
  std::vector<std::string> audience;
  options::v1::Access access;  // of the rpc that reads the record
  std::vector<const google::protobuf::FieldDescriptor*> id;
  std::vector<const google::protobuf::FieldDescriptor*> owners;

  // ev.renxin.leads.v1.settlement_recorded
  std::string subject() const { return "ev.renxin." + service + ".v1." + name; }
  bool ShowsGroups() const { return access.sees_group_size() > 0; }
};

// In the order of files. What is wrong is said in `problems`, one sentence each, and the event is left out: an audience
// that may not read the record, an owner that is missing, fields that are not there.
std::vector<LiveEventType> LiveEvents(const DescriptorSet& set, std::vector<std::string>* problems);

// Whom a caller stands for when an event is shown or not.
struct LiveCaller {
  std::string staff_id;
  std::vector<std::string> roles;
};

// Whether the event may be delivered to the caller. `owners`: the staff whose record it is; `viewers`: the staff in whose group one of the
// owners is. The same answer as the service's wrapper gives for the rpc that reads the record.
bool MayReceive(const LiveEventType& event, const LiveCaller& caller, const std::vector<std::string>& owners,
                const std::vector<std::string>& viewers);

}  // namespace renxin::contract
