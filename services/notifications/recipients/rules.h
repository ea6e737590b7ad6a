#pragma once
// Which replies mean that somebody wants no more messages (N3).

#include <string_view>

namespace renxin::notifications::recipients {

// R, T, TD or 退订: in any case, in full-width forms too, with blanks around it.
bool IsOptOutReply(std::string_view reply);

}  // namespace renxin::notifications::recipients
