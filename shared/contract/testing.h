#pragma once
// For tests: contracts written as text inside the test, so that the suite's own .proto files may change
// without breaking tests of the machinery.

#include <string>
#include <utility>
#include <vector>

#include "shared/contract/descriptors.h"

namespace renxin::contract {

// The suite's options and common messages plus the given files {name, text}, in the order of their
// imports. Throws std::runtime_error with the parser's words when a text is no proto file.
DescriptorSet ParseContract(const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace renxin::contract
