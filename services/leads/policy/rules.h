#pragma once
// What a policy of leads must be, as a pure function.

#include <string>
#include <string_view>
#include <vector>

#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::leads::policy {

struct Lists {
  std::vector<std::string> channels;
  std::vector<std::string> categories;
  std::vector<std::string> payers;
};

// L1's channels and L8's categories at least, as shipped; an import names them.
const std::vector<std::string>& Channels();
const std::vector<std::string>& Categories();
const std::vector<std::string>& Payers();

// A policy may add to what ships and take nothing of L8 away; a code stands once; it is in force from
// today at the earliest, for what was judged yesterday stays judged.
Status Check(const Lists& lists, Day effective_from, Day today);

}  // namespace renxin::leads::policy
