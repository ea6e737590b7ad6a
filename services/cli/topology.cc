#include "services/cli/topology.h"

#include <algorithm>
#include <set>

#include "renxin/options/v1/event.pb.h"
#include "services/cli/exit_code.h"
#include "shared/contract/method.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

constexpr std::string_view kOps = "renxin.ops.v1.OpsService";

// `leads` for a file of package renxin.leads.v1.
std::string ServiceOf(const google::protobuf::FileDescriptor* file) {
  const auto parts = SplitText(file->package(), '.');
  return parts.size() == 3 ? parts[1] : std::string();
}

void AddFile(const google::protobuf::FileDescriptor* file, Service* service) {
  for (int i = 0; i < file->message_type_count(); ++i) {
    const auto* message = file->message_type(i);
    if (contract::HasOption(message, options::v1::event)) service->events.push_back(contract::Option(message, options::v1::event).name());
  }
  const auto& options = file->options();
  for (int i = 0; i < options.ExtensionSize(options::v1::consumers); ++i) {
    const auto& consumer = options.GetExtension(options::v1::consumers, i);
    service->consumers.push_back({consumer.name(), consumer.publisher(), consumer.event()});
  }
}

void CheckConsumers(const std::vector<Service>& services) {
  for (const Service& service : services) {
    for (const Durable& durable : service.consumers) {
      const auto refuse = [&](const std::string& why) {
        throw CliError(Exit::kFailed, "contract of " + service.name + ": consumer " + durable.name + " " + why);
      };
      if (durable.name.rfind(service.name + "_", 0) != 0) refuse("does not bear the name of its service");
      if (durable.name.find_first_of(".*> \"") != std::string::npos) refuse("has a name that is no subject token");
      if (durable.publisher == service.name) refuse("reads the service's own stream");
      const auto publisher = std::find_if(services.begin(), services.end(), [&](const Service& s) { return s.name == durable.publisher; });
      const bool known = publisher != services.end() && std::count(publisher->events.begin(), publisher->events.end(), durable.event) > 0;
      if (!known) refuse("takes an event that " + durable.publisher + " does not publish: " + durable.event);
    }
  }
}

}  // namespace

std::vector<std::string> HostedValues(const contract::DescriptorSet& set, std::string_view contract) {
  std::vector<std::string> values;
  for (const auto* file : set.files) {
    const auto& options = file->options();
    for (int i = 0; i < options.ExtensionSize(options::v1::hosts); ++i) {
      const auto& hosted = options.GetExtension(options::v1::hosts, i);
      if (hosted.contract() == contract) values.insert(values.end(), hosted.values().begin(), hosted.values().end());
    }
  }
  return values;
}

std::vector<Service> Services(const contract::DescriptorSet& set) {
  std::vector<Service> services;
  for (std::string& name : HostedValues(set, kOps)) services.push_back({.name = std::move(name)});
  const auto find = [&](std::string_view name) -> Service* {
    const auto found = std::find_if(services.begin(), services.end(), [&](const Service& s) { return s.name == name; });
    return found == services.end() ? nullptr : &*found;
  };
  for (const auto* file : set.files) {
    if (Service* service = find(ServiceOf(file))) AddFile(file, service);
  }
  for (const contract::MethodInfo& method : contract::AllMethods(set)) {
    if (method.kind != contract::MethodKind::kInternal) continue;
    Service* target = find(method.service);
    for (const std::string& caller : method.access.callers()) {
      if (Service* from = find(caller)) from->internal_calls.push_back(contract::InternalSubject(method));
      if (target != nullptr) target->callers.push_back(caller);
    }
  }
  for (Service& service : services) {
    const std::set<std::string> callers(service.callers.begin(), service.callers.end());
    service.callers.assign(callers.begin(), callers.end());
    std::sort(service.internal_calls.begin(), service.internal_calls.end());
  }
  CheckConsumers(services);
  return services;
}

std::string StreamName(std::string_view service) {
  std::string name = "EV_" + std::string(service);
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

}  // namespace renxin::cli
