#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "services/gateway/config.h"
#include "services/gateway/throttle/buckets.h"
#include "services/gateway/throttle/proxies.h"

namespace renxin::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TokenBuckets::Time At(milliseconds ms) { return TokenBuckets::Time{} + std::chrono::hours(1) + ms; }

TEST(TokenBuckets, so_many_at_once_then_one_at_a_time) {
  TokenBuckets buckets(3, seconds(2), 10);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.Consume("a", At(milliseconds(0)))) << i;
  EXPECT_EQ(buckets.Consume("a", At(milliseconds(0))), milliseconds(2'000));
  EXPECT_EQ(buckets.Consume("a", At(milliseconds(1'999))), milliseconds(1)) << "what was refused costs nothing";
  EXPECT_FALSE(buckets.Consume("a", At(milliseconds(2'000))));
  EXPECT_EQ(buckets.Consume("a", At(milliseconds(2'000))), milliseconds(2'000));
  EXPECT_FALSE(buckets.Consume("b", At(milliseconds(2'000)))) << "another key is another bucket";
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.Consume("a", At(seconds(100)))) << "it is full again, and no fuller: " << i;
  EXPECT_TRUE(buckets.Consume("a", At(seconds(100))));
}

TEST(TokenBuckets, forgets_the_one_that_was_asked_the_longest_ago) {
  TokenBuckets buckets(1, seconds(10), 2);
  EXPECT_FALSE(buckets.Consume("a", At(milliseconds(0))));
  EXPECT_FALSE(buckets.Consume("b", At(milliseconds(1))));
  EXPECT_TRUE(buckets.Consume("a", At(milliseconds(2))));
  EXPECT_FALSE(buckets.Consume("c", At(milliseconds(3))));
  EXPECT_EQ(buckets.size(), 2);
  EXPECT_TRUE(buckets.Consume("a", At(milliseconds(4)))) << "asked later than b";
  EXPECT_FALSE(buckets.Consume("b", At(milliseconds(5))));
}

// Everybody of one house begins at eight, behind one address.
TEST(TokenBuckets, P1_500_sign_ins_within_five_minutes_from_one_address_are_let_in) {
  const ThrottleLimits limits;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    TokenBuckets buckets(limits.address_burst, std::chrono::microseconds(1'000'000 / limits.address_per_second), 10);
    std::minstd_rand random(seed);
    std::vector<int> at;
    for (int i = 0; i < 500; ++i) at.push_back(std::uniform_int_distribution(0, 300'000)(random));
    std::sort(at.begin(), at.end());
    for (const int ms : at) EXPECT_FALSE(buckets.Consume("the house", At(milliseconds(ms)))) << seed << " at " << ms;
  }
}

std::string Client(const TrustedProxies& proxies, const char* peer, std::string_view forwarded_for) {
  return proxies.ClientOf(boost::asio::ip::make_address(peer), forwarded_for).to_string();
}

TEST(TrustedProxies, believe_nobody_who_is_not_named) {
  struct Case {
    const char* what;
    const char* trusted;
    const char* peer;
    const char* forwarded_for;
    const char* client;
  };
  for (const Case& c : {
           Case{"nobody is trusted", "", "10.0.0.1", "1.2.3.4", "10.0.0.1"},
           Case{"a proxy that is named", "10.0.0.1", "10.0.0.1", "1.2.3.4", "1.2.3.4"},
           Case{"its neighbour", "10.0.0.1", "10.0.0.2", "1.2.3.4", "10.0.0.2"},
           Case{"what the client itself had said", "10.0.0.1", "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"},
           Case{"two proxies", "10.0.0.0/8", "10.0.0.1", "6.6.6.6 , 1.2.3.4,10.9.9.9", "1.2.3.4"},
           Case{"only proxies", "10.0.0.0/8", "10.0.0.1", "10.0.0.7", "10.0.0.7"},
           Case{"no header", "10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"},
           Case{"no address", "10.0.0.0/8", "10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"},
           Case{"with a port, which nobody should send", "10.0.0.1", "10.0.0.1", "1.2.3.4:55", "10.0.0.1"},
           Case{"the edge of a network", "10.0.0.128/25", "10.0.0.127", "1.2.3.4", "10.0.0.127"},
           Case{"inside it", "10.0.0.128/25", "10.0.0.128", "1.2.3.4", "1.2.3.4"},
           Case{"everybody", "0.0.0.0/0", "9.9.9.9", "1.2.3.4", "1.2.3.4"},
           Case{"version 6", "fd00::/8, 10.0.0.1", "fd12::1", "2001:db8::5", "2001:db8::5"},
           Case{"mapped", "10.0.0.1", "::ffff:10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"},
       }) {
    EXPECT_EQ(Client(TrustedProxies(c.trusted), c.peer, c.forwarded_for), c.client) << c.what;
  }
  for (const char* wrong : {"nginx", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "fd00::/129"}) {
    EXPECT_THROW(TrustedProxies{wrong}, std::invalid_argument) << wrong;
  }
}

TEST(ClientKey, is_the_network_that_a_host_of_version_6_has_for_itself) {
  EXPECT_EQ(ClientKey(boost::asio::ip::make_address("1.2.3.4")), "1.2.3.4");
  EXPECT_EQ(ClientKey(boost::asio::ip::make_address("2001:db8:1:2:3:4:5:6")), ClientKey(boost::asio::ip::make_address("2001:db8:1:2::9")));
  EXPECT_NE(ClientKey(boost::asio::ip::make_address("2001:db8:1:2::")), ClientKey(boost::asio::ip::make_address("2001:db8:1:3::")));
}

}  // namespace
}  // namespace renxin::gateway
