#include "services/gateway/throttle/proxies.h"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <charconv>
#include <stdexcept>
#include <string>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

namespace ip = boost::asio::ip;

constexpr int kMappedBits = 96;

ip::address_v6 Mapped(const ip::address& address) {
  return address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
}

// As a peer of a socket for both versions has it.
ip::address Plain(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

bool SameBits(const ip::address_v6::bytes_type& one, const ip::address_v6::bytes_type& other, int bits) {
  for (std::size_t i = 0; bits > 0; ++i, bits -= 8) {
    const unsigned mask = bits >= 8 ? 0xFFU : 0xFFU << (8 - bits) & 0xFFU;
    if ((one[i] & mask) != (other[i] & mask)) return false;
  }
  return true;
}

}  // namespace

TrustedProxies::TrustedProxies(std::string_view list) {
  for (const std::string& part : SplitText(std::string(list), ',')) {
    const std::string text(Trim(part));
    if (text.empty()) continue;
    const std::size_t slash = text.find('/');
    boost::system::error_code ec;
    const ip::address address = ip::make_address(text.substr(0, slash), ec);
    int bits = ec || address.is_v6() ? 128 : 32;
    bool sound = !ec;
    if (slash != std::string::npos) {
      const int most = bits;
      const char* end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
      sound = sound && error == std::errc() && stop == end && bits >= 0 && bits <= most;
    }
    if (!sound) throw std::invalid_argument("'" + text + "' is no address and no network");
    networks_.push_back({Mapped(address), address.is_v4() ? bits + kMappedBits : bits});
  }
}

bool TrustedProxies::Trusts(const ip::address& address) const {
  const auto bytes = Mapped(address).to_bytes();
  for (const Network& network : networks_) {
    if (SameBits(bytes, network.address.to_bytes(), network.bits)) return true;
  }
  return false;
}

ip::address TrustedProxies::ClientOf(const ip::address& peer, std::string_view forwarded_for) const {
  ip::address client = Plain(peer);
  while (Trusts(client) && !forwarded_for.empty()) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::string_view last = Trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for = comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
    boost::system::error_code ec;
    const ip::address said = ip::make_address(std::string(last), ec);
    if (ec) break;
    client = Plain(said);
  }
  return client;
}

std::string ClientKey(const ip::address& address) {
  if (address.is_v4()) return address.to_string();
  return ip::network_v6(address.to_v6(), 64).canonical().to_string();
}

}  // namespace renxin::gateway
