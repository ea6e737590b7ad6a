#pragma once
// An answer is one message of the bus and has to fit into it.

#include <google/protobuf/message.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "shared/core/result.h"

namespace renxin::runtime {

inline constexpr std::size_t kAnswerMax = 250 * 1024;

// What `run` makes of the request, serialized. A page of a list (a request with `page_size`) that would be larger is read again with half
// the rows, down to one; its token goes on from there. What is no page is answered as it is.
Result<std::string> RunToFit(google::protobuf::Message* request, const std::function<Result<std::string>()>& run);

Error AnswerTooLarge();

}  // namespace renxin::runtime
