#pragma once
// What a policy of leads must be, as a pure function.

#include <string>
#include <string_view>
#include <vector>

#include "shared/core/result.h"

namespace renxin::leads::policy {

struct Lists {
  std::vector<std::string> channels;
  std::vector<std::string> categories;
  std::vector<std::string> payers;
};

// L1's channels and L8's categories at least, by default; an import names them.
const std::vector<std::string>& Channels();
const std::vector<std::string>& Categories();
const std::vector<std::string>& Payers();

// A policy may add to the default and take nothing of L8 away; a code is named once.
Status Check(const Lists& lists);

}  // namespace renxin::leads::policy
