#pragma once
// The contract as data: every .proto of the suite from the set that is embedded in a program, or one service's own from its generated code.

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace renxin::contract {

// A pool that can also list its files (a DescriptorPool alone cannot). Descriptors live as long as a copy of the set.
struct DescriptorSet {
  std::shared_ptr<const google::protobuf::DescriptorPool> pool;
  std::vector<const google::protobuf::FileDescriptor*> files;
};

// From a serialized FileDescriptorSet whose files come in the order of their imports (as protoc writes
// it). Throws std::runtime_error when it is damaged or a file does not build.
DescriptorSet LoadDescriptors(std::string_view file_descriptor_set);

// What `service` serves and publishes, from the code that protoc made of it and that is linked into the program: the files of its own
// package, what they import, and the contracts they host. No comments. Lives as long as the process.
DescriptorSet LinkedDescriptors(std::string_view service);

// The suite's own contract with its source comments; built once, lives as long as the process. The library renxin_contract_embedded.
const DescriptorSet& EmbeddedDescriptors();

// The option `extension` of a method, field, message or file, whichever pool the descriptor is of: a
// pool builds options as generated messages by parsing them again, so extensions linked into the binary
// are known there too. This is the one place that relies on it (contract_test holds it to it).
template <class Descriptor, class Extension>
decltype(auto) Option(const Descriptor* descriptor, const Extension& extension) {
  return descriptor->options().GetExtension(extension);
}
template <class Descriptor, class Extension>
bool HasOption(const Descriptor* descriptor, const Extension& extension) {
  return descriptor->options().HasExtension(extension);
}

}  // namespace renxin::contract
