#include "shared/bus/bus.h"

#include <future>

namespace renxin::bus {

std::string_view FindHeader(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Answer Connection::Call(std::string_view subject, const Headers& headers, std::string_view body, std::chrono::milliseconds timeout) {
  auto promise = std::make_shared<std::promise<Answer>>();
  auto future = promise->get_future();
  Request(subject, headers, body, timeout, [promise](Answer answer) { promise->set_value(std::move(answer)); });
  return future.get();  // Request calls back within its timeout
}

}  // namespace renxin::bus
