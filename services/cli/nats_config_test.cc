#include "services/cli/nats_config.h"

#include <crypt.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "services/cli/exit_code.h"
#include "shared/contract/testing.h"
#include "shared/runtime/relay.h"

namespace renxin::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kOps = R"(
syntax = "proto3";
package renxin.ops.v1;
import "renxin/options/v1/access.proto";
import "renxin/options/v1/http.proto";
service OpsService {
  rpc GetStatus(Ask) returns (Ask) {
    option (options.v1.http) = {get: "/v1/services/{service}/status", dispatch: {field: "service"}};
    option (options.v1.access) = {roles: ["administrator"]};
  }
}
message Ask { string service = 1; }
)";

constexpr const char* kShop = R"(
syntax = "proto3";
package renxin.shop.v1;
import "renxin/options/v1/access.proto";
import "renxin/options/v1/event.proto";
import "renxin/options/v1/http.proto";
option (options.v1.hosts) = {contract: "renxin.ops.v1.OpsService", values: ["shop"]};
service ShopService {
  rpc Look(Nothing) returns (Nothing) { option (options.v1.access) = {callers: ["till"]}; }
}
message Nothing {}
message Sold { option (options.v1.event) = {name: "sold"}; string id = 1; }
)";

std::string Till(const std::string& consumer) {
  return R"(
syntax = "proto3";
package renxin.till.v1;
import "renxin/options/v1/event.proto";
import "renxin/options/v1/http.proto";
option (options.v1.hosts) = {contract: "renxin.ops.v1.OpsService", values: ["till"]};
option (options.v1.consumers) = )" +
         consumer + ";\n";
}

std::vector<Service> ServicesOf(const std::string& till) {
  const auto set = contract::ParseContract(
      {{"renxin/ops/v1/ops.proto", kOps}, {"renxin/shop/v1/shop.proto", kShop}, {"renxin/till/v1/till.proto", till}});
  return Services(set);
}

std::vector<Service> TwoServices() { return ServicesOf(Till(R"({name: "till_on-sold", publisher: "shop", event: "sold"})")); }

constexpr const char* kGolden = R"(# Made by `renxin nats-config` from the contract; recreated at every start, so do not edit it.
# One account for the suite, one user per service; bcrypt hashes only. There is no authorization block and
# no no_auth_user: either would let somebody in without a password.

server_name: renxin
host: "127.0.0.1"
port: 4222
http: "127.0.0.1:8222"

# Nobody speaks to it in clear; who they are, users and passwords say.
tls {
  cert_file: "/etc/nats.pem"
  key_file: "/etc/nats.key"
  timeout: 2
}

# Payloads are at most 256 KiB; the rest is for headers.
max_payload: 300KB
write_deadline: "5s"
lame_duck_duration: "30s"

jetstream {
  store_dir: "/var/lib/renxin/\"x\""
  max_memory_store: 64MB
  max_file_store: 12884901888
  # How much a power cut may take from a stream. The outboxes are the truth: relays publish it again.
  sync_interval: "10s"
}

accounts {
  RENXIN {
    jetstream: enabled
    users: [
      {
        user: "shop", password: "#shop"
        permissions: {
          publish: { allow: [
            "$JS.API.STREAM.INFO.EV_SHOP"
            "$JS.API.STREAM.MSG.GET.EV_SHOP"
            "_INBOX_gateway.>"
            "_INBOX_till.>"
            "ev.renxin.shop.v1.>"
            "rp.renxin.shop.v1.>"
          ] }
          subscribe: { allow: [
            "rpc.renxin.shop.>"
            "int.renxin.shop.>"
            "_INBOX_shop.>"
          ] }
        }
      }
      {
        user: "till", password: "#till"
        permissions: {
          publish: { allow: [
            "$JS.ACK.EV_SHOP.till_on-sold.>"
            "$JS.API.CONSUMER.CREATE.EV_SHOP.till_on-sold"
            "$JS.API.CONSUMER.DELETE.EV_SHOP.till_on-sold"
            "$JS.API.CONSUMER.INFO.EV_SHOP.till_on-sold"
            "$JS.API.CONSUMER.MSG.NEXT.EV_SHOP.till_on-sold"
            "$JS.API.STREAM.INFO.EV_SHOP"
            "$JS.API.STREAM.INFO.EV_TILL"
            "$JS.API.STREAM.MSG.GET.EV_SHOP"
            "$JS.API.STREAM.MSG.GET.EV_TILL"
            "_INBOX_gateway.>"
            "ev.renxin.till.v1.>"
            "int.renxin.shop.v1.ShopService.Look"
            "rp.renxin.till.v1.>"
          ] }
          subscribe: { allow: [
            "rpc.renxin.till.>"
            "int.renxin.till.>"
            "_INBOX_till.>"
          ] }
        }
      }
      {
        user: "gateway", password: "#gateway"
        permissions: {
          publish: { allow: [
            "rpc.renxin.>"
          ] }
          subscribe: { allow: [
            "ev.renxin.>"
            "_INBOX_gateway.>"
          ] }
        }
      }
      {
        user: "provision", password: "#provision"
        permissions: {
          publish: { allow: [
            "$JS.API.STREAM.CREATE.EV_SHOP"
            "$JS.API.STREAM.INFO.EV_SHOP"
            "$JS.API.STREAM.UPDATE.EV_SHOP"
            "$JS.API.STREAM.CREATE.EV_TILL"
            "$JS.API.STREAM.INFO.EV_TILL"
            "$JS.API.STREAM.UPDATE.EV_TILL"
          ] }
          subscribe: { allow: [
            "_INBOX_provision.>"
          ] }
        }
      }
    ]
  }
  SYS {
    users: [ { user: "sys", password: "#sys" } ]
  }
}
system_account: SYS
)";

TEST(NatsConfig, IsTheGoldenOne) {
  const NatsOptions options{.bind = "127.0.0.1",
                            .port = 4222,
                            .http_port = 8222,
                            .tls_cert = "/etc/nats.pem",
                            .tls_key = "/etc/nats.key",
                            .store = "/var/lib/renxin/\"x\""};
  EXPECT_EQ(NatsConfig(TwoServices(), options, [](const std::string& user) { return "#" + user; }), kGolden);
}

TEST(NatsConfig, TheSuiteHasAUserPerServiceAndOnlyTheGatewayMayAskRpc) {
  const auto services = Services(contract::EmbeddedDescriptors());
  std::vector<std::string> names;
  for (const NatsUser& user : NatsUsers(services)) {
    names.push_back(user.name);
    const bool asks =
        std::any_of(user.publish.begin(), user.publish.end(), [](const std::string& s) { return s.rfind("rpc.", 0) == 0 || s[0] == '>'; });
    EXPECT_EQ(asks, user.name == "gateway") << user.name;
    if (user.name == "gateway" || user.name == "provision") continue;
    // Nobody publishes another's event.
    for (const std::string& subject : user.publish) {
      if (subject.rfind("ev.", 0) == 0) {
        EXPECT_EQ(subject, "ev.renxin." + user.name + ".v1.>");
      }
      EXPECT_EQ(subject.find("CONSUMER.CREATE." + StreamName(user.name) + "."), std::string::npos) << "a consumer on the own stream";
    }
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"identity", "leads", "referrals", "commissions", "notifications", "gateway", "provision"}));
}

TEST(NatsConfig, StreamsAreNamedAsTheRuntimeNamesThem) {
  for (const char* service : {"leads", "commissions"}) EXPECT_EQ(StreamName(service), runtime::StreamOf(service));
}

struct BadConsumer {
  const char* declared;
  const char* expected;
};

TEST(Topology, RefusesAConsumerThatDoesNotFit) {
  const BadConsumer cases[] = {
      {R"({name: "shop_on-sold", publisher: "shop", event: "sold"})", "does not bear the name"},
      {R"({name: "till_on.sold", publisher: "shop", event: "sold"})", "no subject token"},
      {R"({name: "till_on-x", publisher: "till", event: "x"})", "own stream"},
      {R"({name: "till_on-x", publisher: "shop", event: "bought"})", "does not publish: bought"},
      {R"({name: "till_on-x", publisher: "nobody", event: "sold"})", "nobody does not publish"},
  };
  for (const BadConsumer& bad : cases) {
    try {
      ServicesOf(Till(bad.declared));
      ADD_FAILURE() << bad.declared << " was taken";
    } catch (const CliError& error) {
      EXPECT_THAT(error.what(), HasSubstr(bad.expected));
    }
  }
}

TEST(Bcrypt, HashIsOfThePasswordAndSalted) {
  const std::string hash = BcryptHash("secret");
  EXPECT_EQ(hash.rfind("$2b$08$", 0), 0U);
  EXPECT_STREQ(crypt("secret", hash.c_str()), hash.c_str());
  EXPECT_STRNE(crypt("Secret", hash.c_str()), hash.c_str());
  EXPECT_NE(BcryptHash("secret"), hash);
}

}  // namespace
}  // namespace renxin::cli
