#pragma once
#include <set>
#include <string>
#include <vector>

#include "shared/runtime/context.h"

namespace renxin::notifications::recipients {

// False when it stood so already.
bool Put(Tx& tx, const std::string& recipient, bool opted_out);
bool IsOptedOut(Tx& tx, const std::string& recipient);
std::set<std::string> OptedOut(Tx& tx, const std::vector<std::string>& recipients);

}  // namespace renxin::notifications::recipients
