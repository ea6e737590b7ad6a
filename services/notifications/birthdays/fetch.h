#pragma once
// Asking leads whose birthday a day is; always before a transaction.

#include <string>

#include "shared/runtime/service_client.h"

namespace renxin::leads::v1 {
class FindBirthdaysResponse;
}

namespace renxin::notifications::birthdays {

Result<leads::v1::FindBirthdaysResponse> FetchPage(runtime::ServiceClient& client, Day day, const std::string& imported_from, int page_size,
                                                   const std::string& page_token);

}  // namespace renxin::notifications::birthdays
