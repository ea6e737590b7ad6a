#pragma once
// Who calls: bearer tokens against the public keys, which are asked for over the bus; and whether the
// roles of a token open a route.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "renxin/options/v1/access.pb.h"
#include "services/gateway/auth/keys.h"
#include "services/gateway/auth/verified.h"
#include "services/gateway/transcode/transcode.h"
#include "shared/bus/bus.h"
#include "shared/contract/method.h"
#include "shared/privacy/token.h"

namespace renxin::gateway {

// Public keys, refreshed every 30 s and, at most once a second, when a token names an unknown one. The last
// known ones are kept while nobody answers. All functions on one executor.
class KeySource {
 public:
  KeySource(boost::asio::any_io_executor executor, std::shared_ptr<bus::Connection> bus, contract::MethodInfo method,
            Transcoder* transcoder);

  // Who stands behind `Authorization: Bearer …`. kUnauthenticated: kNoToken, kBadToken, kTokenExpired. kUnavailable
  // when the keys to judge by could not be had.
  boost::asio::awaitable<Result<std::shared_ptr<const Verified>>> Authenticate(std::string authorization);
  boost::asio::awaitable<void> Refresh();

  bool has_keys() const { return !keys_.ring().empty(); }
  // Stops the refreshing; a waiting Authenticate still ends by itself.
  void Stop();
  // Refreshes for as long as it is not stopped; the argument keeps it alive.
  static boost::asio::awaitable<void> Run(std::shared_ptr<KeySource> self);

 private:
  boost::asio::awaitable<void> FetchOnce();
  bool Accept(const std::string& reply);

  boost::asio::any_io_executor executor_;
  std::shared_ptr<bus::Connection> bus_;
  contract::MethodInfo method_;
  Transcoder* transcoder_;
  KnownKeys keys_;
  VerifiedTokens verified_;
  boost::asio::steady_timer sleep_;    // between two refreshes
  boost::asio::steady_timer fetched_;  // cancelled when a running fetch has ended
  bool fetching_ = false;
  bool last_ok_ = false;
  bool stopped_ = false;
  std::chrono::steady_clock::time_point last_try_{};
};

// Nothing when one of the roles opens the route, else kPermissionDenied.
Status CheckRoles(const options::v1::Access& access, const privacy::Claims& claims);

}  // namespace renxin::gateway
