#pragma once
// HTTP/1.1 over TLS, one kept connection, every wait with a deadline.

#include <chrono>
#include <memory>
#include <string>

#include "services/cli/transport.h"

namespace renxin::cli {

struct Address {
  std::string host;
  std::string port;
};
// `https://host[:port]`; throws CliError (kUsage) for anything else: a token never travels in the clear.
Address ParseUrl(const std::string& url);

class Https final : public Transport {
 public:
  // `ca_file` empty: the machine's own authorities.
  Https(const std::string& url, const std::string& ca_file);
  ~Https() override;
  HttpReply Send(const HttpRequest& request) override;

  static constexpr std::chrono::seconds kConnectTimeout{5};
  // Longest time without a byte moving. A gateway answers within 30 s at the latest.
  static constexpr std::chrono::seconds kIdleTimeout{60};

 private:
  class Connection;
  HttpReply SendOnce(const HttpRequest& request);

  Address address_;
  std::string ca_file_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace renxin::cli
