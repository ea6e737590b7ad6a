#include "shared/runtime/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace renxin::runtime {
namespace {

using ::testing::StartsWith;

class Delivered {
 public:
  Delivered(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Delivered() { unsetenv(name_); }
  Delivered(const Delivered&) = delete;
  Delivered& operator=(const Delivered&) = delete;

 private:
  const char* name_;
};

TEST(Config, CountsAreReadWithinTheirBounds) {
  EXPECT_EQ(Config::FromEnvironment("leads").lanes, 3U);
  EXPECT_EQ(Config::FromEnvironment("leads").fault, "");
  EXPECT_EQ(Config::FromEnvironment("leads").readers, 4U);
  const Delivered lanes("RENXIN_LANES", "16");
  const Delivered readers("RENXIN_READERS", "1");
  EXPECT_EQ(Config::FromEnvironment("leads").lanes, 16U);
  EXPECT_EQ(Config::FromEnvironment("leads").readers, 1U);
}

TEST(Config, TheBrokerIsReachedAsTheVariablesSayAndTheUserIsTheServiceWhereNoneIsNamed) {
  const bus::Options by_default = Config::FromEnvironment("leads").nats;
  EXPECT_EQ(by_default.url, "nats://127.0.0.1:4222");
  EXPECT_EQ(by_default.user, "leads");
  EXPECT_EQ(by_default.password_file + by_default.ca_file, "");
  const Delivered url("RENXIN_NATS_URL", "nats://a:1,nats://b:2");
  const Delivered user("RENXIN_NATS_USER", "somebody");
  const Delivered password("RENXIN_NATS_PASSWORD_FILE", "secret");
  const Delivered authority("RENXIN_NATS_CA_FILE", "ca.pem");
  const bus::Options named = Config::FromEnvironment("leads").nats;
  EXPECT_EQ(named.url, "nats://a:1,nats://b:2");
  EXPECT_EQ(named.user, "somebody");
  EXPECT_EQ(named.password_file, "secret");
  EXPECT_EQ(named.ca_file, "ca.pem");
}

TEST(Config, WhatIsNoCountIsRefusedByName) {
  for (const char* value : {"0", "17", "-1", "3x", " 3", "three", "99999999999999999999"}) {
    const Delivered lanes("RENXIN_LANES", value);
    EXPECT_THAT(Config::FromEnvironment("leads").fault, StartsWith(std::string("RENXIN_LANES is ") + value + ":")) << value;
  }
}

}  // namespace
}  // namespace renxin::runtime
