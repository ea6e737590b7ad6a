#pragma once
// Whose address a request has behind proxies that are named.

#include <boost/asio/ip/address.hpp>

#include <string_view>
#include <vector>

namespace renxin::gateway {

class TrustedProxies {
 public:
  TrustedProxies() = default;
  // Addresses and networks (10.0.0.0/8, fd00::/8), separated by commas. Throws std::invalid_argument for what is neither.
  explicit TrustedProxies(std::string_view list);

  // `peer`, unless it is trusted: then the last address of `forwarded_for` (X-Forwarded-For) that is not. What stands to the left of that
  // one is said by somebody who is not trusted; a part that is no address ends it there.
  boost::asio::ip::address ClientOf(const boost::asio::ip::address& peer, std::string_view forwarded_for) const;

 private:
  struct Network {
    boost::asio::ip::address_v6 address;  // of version 4: mapped
    int bits = 128;
  };
  bool Trusts(const boost::asio::ip::address& address) const;
  std::vector<Network> networks_;
};

// What stands for one client: an address of version 4, or the /64 of one of version 6, which a host has for itself.
std::string ClientKey(const boost::asio::ip::address& address);

}  // namespace renxin::gateway
