// The whole contract, embedded: programs that link this are built again whenever a comment in a .proto changes.

#include "shared/contract/descriptors.h"

extern const unsigned char renxin_descriptor_set[];
extern const unsigned long renxin_descriptor_set_size;

namespace renxin::contract {

const DescriptorSet& EmbeddedDescriptors() {
  static const DescriptorSet set = LoadDescriptors({reinterpret_cast<const char*>(renxin_descriptor_set), renxin_descriptor_set_size});
  return set;
}

}  // namespace renxin::contract
