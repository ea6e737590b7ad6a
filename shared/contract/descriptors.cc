#include "shared/contract/descriptors.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <algorithm>
#include <stdexcept>

#include "renxin/options/v1/access.pb.h"
#include "renxin/options/v1/event.pb.h"
#include "renxin/options/v1/http.pb.h"
#include "renxin/options/v1/privacy.pb.h"
#include "renxin/options/v1/validate.pb.h"

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

// Adds `file` behind what it imports and before the contracts it hosts, each file once.
void AddWithImports(const google::protobuf::FileDescriptor* file, DescriptorSet* set) {
  if (std::find(set->files.begin(), set->files.end(), file) != set->files.end()) return;
  for (int i = 0; i < file->dependency_count(); ++i) AddWithImports(file->dependency(i), set);
  set->files.push_back(file);
  const auto& options = file->options();
  for (int i = 0; i < options.ExtensionSize(options::v1::hosts); ++i) {
    const auto* hosted = set->pool->FindServiceByName(options.GetExtension(options::v1::hosts, i).contract());
    if (hosted != nullptr) AddWithImports(hosted->file(), set);
  }
}

}  // namespace

DescriptorSet LoadDescriptors(std::string_view file_descriptor_set) {
  LinkOptions();
  google::protobuf::FileDescriptorSet parsed;
  if (!parsed.ParseFromArray(file_descriptor_set.data(), static_cast<int>(file_descriptor_set.size()))) {
    throw std::runtime_error("the descriptor set is damaged");
  }
  const auto pool = std::make_shared<google::protobuf::DescriptorPool>();
  DescriptorSet set{.pool = pool, .files = {}};
  for (const auto& file : parsed.file()) {
    const auto* built = pool->BuildFile(file);
    if (built == nullptr) {
      throw std::runtime_error("descriptor of " + file.name() + " does not build");
    }
    set.files.push_back(built);
  }
  return set;
}

DescriptorSet LinkedDescriptors(std::string_view service) {
  LinkOptions();
  using google::protobuf::DescriptorPool;
  DescriptorSet set{.pool = std::shared_ptr<const DescriptorPool>(DescriptorPool::generated_pool(), [](const DescriptorPool*) {}),
                    .files = {}};
  // A pool cannot list its files; the database behind the generated one can.
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  const std::string own = "renxin/" + std::string(service) + "/";
  for (const std::string& name : names) {
    if (name.starts_with(own)) AddWithImports(set.pool->FindFileByName(name), &set);
  }
  return set;
}

}  // namespace renxin::contract
