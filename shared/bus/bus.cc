#include "shared/bus/bus.h"

#include <future>

#include "shared/core/variables.h"

namespace renxin::bus {

void Options::Read(Variables* variables) {
  variables->Text("RENXIN_NATS_URL", &url);
  variables->Text("RENXIN_NATS_USER", &user);
  variables->Text("RENXIN_NATS_PASSWORD_FILE", &password_file);
  variables->Text("RENXIN_NATS_CA_FILE", &ca_file);
}

int& Held::Depth() {
  thread_local int depth = 0;
  return depth;
}

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
  Flush();              // whoever waits cannot be the one who flushes
  return future.get();  // Request calls back within its timeout
}

}  // namespace renxin::bus
