#pragma once
// HTTP/1.1 over TLS by libcurl: one kept connection, no proxy, no redirect, every wait with a limit. A large body waits for `100 Continue`
// (a second at most), and stops when a refusal comes. A peer that resets the connection behind its refusal, as the gateway never does,
// may take it from libcurl: the call fails then, and is repeated like any other that got no answer.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "services/cli/transport.h"

namespace renxin::cli {

// `https://host[:port][/]` as `https://host:port`; throws CliError (kUsage) for anything else: a token never travels in the clear.
std::string ParseUrl(const std::string& url);

struct HttpsLimits {
  std::chrono::milliseconds connect{5'000};  // name, TCP and TLS together
  // Without a byte moving. A gateway answers within 30 s at the latest.
  std::chrono::seconds idle{60};
  // A request with its answer, from the first to the last byte; a file adds what it takes at the rate below.
  std::chrono::milliseconds whole{300'000};
  std::uint64_t slowest_bytes_per_second = 16 * 1024;
  std::uint64_t reply_bytes = 256 * 1024 * 1024;
};

class Https final : public Transport {
 public:
  // `ca_file` empty: the machine's own authorities.
  Https(const std::string& url, std::string ca_file, HttpsLimits limits = {});
  HttpReply Send(const HttpRequest& request) override;

 private:
  struct Exchange;
  void SetTrust();
  void SetLimits(const Exchange& exchange);
  [[noreturn]] void Fail(int code, const Exchange& exchange) const;

  std::string url_;
  std::string ca_file_;
  HttpsLimits limits_;
  std::unique_ptr<void, void (*)(void*)> curl_;  // keeps its connection from one request to the next
};

}  // namespace renxin::cli
