#include "shared/contract/descriptors.h"

#include <google/protobuf/descriptor.pb.h>

#include <stdexcept>

#include "renxin/options/v1/access.pb.h"
#include "renxin/options/v1/event.pb.h"
#include "renxin/options/v1/http.pb.h"
#include "renxin/options/v1/privacy.pb.h"
#include "renxin/options/v1/validate.pb.h"

extern const unsigned char renxin_descriptor_set[];
extern const unsigned long renxin_descriptor_set_size;

namespace renxin::contract {
namespace {

// The linker drops a generated file nobody refers to, and with it the knowledge of its extensions.
void LinkOptions() {
  static const bool linked = [] {
    options::v1::HttpRule::descriptor();
    options::v1::Access::descriptor();
    options::v1::Event::descriptor();
    options::v1::FieldRules::descriptor();
    options::v1::Mask_descriptor();
    return true;
  }();
  static_cast<void>(linked);
}

}  // namespace

DescriptorSet LoadDescriptors(std::string_view file_descriptor_set) {
  LinkOptions();
  google::protobuf::FileDescriptorSet parsed;
  if (!parsed.ParseFromArray(file_descriptor_set.data(), static_cast<int>(file_descriptor_set.size()))) {
    throw std::runtime_error("the descriptor set is damaged");
  }
  DescriptorSet set{.pool = std::make_unique<google::protobuf::DescriptorPool>(), .files = {}};
  for (const auto& file : parsed.file()) {
    const auto* built = set.pool->BuildFile(file);
    if (built == nullptr) {
      throw std::runtime_error("descriptor of " + file.name() + " does not build");
    }
    set.files.push_back(built);
  }
  return set;
}

const DescriptorSet& EmbeddedDescriptors() {
  static const DescriptorSet set = LoadDescriptors({reinterpret_cast<const char*>(renxin_descriptor_set), renxin_descriptor_set_size});
  return set;
}

}  // namespace renxin::contract
