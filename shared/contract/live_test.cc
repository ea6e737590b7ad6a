#include "shared/contract/live.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include <map>

#include "renxin/options/v1/event.pb.h"
#include "shared/contract/testing.h"

namespace renxin::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

// `option` stands in the event; the record is read by those of `access`.
DescriptorSet Contract(const std::string& option, const std::string& access) {
  return ParseContract({{"things.proto", R"(
syntax = "proto3";
package renxin.things.v1;
import "renxin/options/v1/http.proto";
import "renxin/options/v1/access.proto";
import "renxin/options/v1/event.proto";
service ThingService {
  rpc Read(ReadThing) returns (Thing) {
    option (renxin.options.v1.http) = {get: "/v1/things/{id}"};
    option (renxin.options.v1.access) = {)" + access +
                                             R"(};
  }
  rpc Change(ReadThing) returns (Thing) {
    option (renxin.options.v1.http) = {post: "/v1/things/{id}:change"};
    option (renxin.options.v1.access) = {roles: "*", sees_all: "*"};
  }
}
message ReadThing { string id = 1; }
message Thing { string id = 1; string maker_id = 2; }
message ThingChanged {
  option (renxin.options.v1.event) = {name: "thing_changed", )" +
                                             option + R"(};
  string thing_id = 1;
  string maker_id = 2;
  string other_id = 3;
  int64 weight = 4;
})"}});
}

constexpr const char* kAccess = R"(roles: ["maker", "head", "clerk"], sees_all: "clerk", sees_group: "head")";
constexpr const char* kLive =
    R"(audience: ["maker", "head", "clerk"], live: {read: "ThingService.Read", id: "thing_id", owner: "maker_id"})";

TEST(LiveEvents, P1_nothing_is_shown_that_may_not_be_read) {
  const struct {
    const char* option;
    const char* access;
    const char* problem;  // empty: sound
  } cases[] = {
      {kLive, kAccess, ""},
      {R"(audience: "clerk", live: {read: "ThingService.Read", id: "thing_id"})", kAccess, ""},
      {R"(audience: "x", live: {read: "ThingService.Read", id: "thing_id"})", R"(roles: "*", sees_all: "*")", ""},
      {R"(audience: ["clerk", "guest"], live: {read: "ThingService.Read", id: "thing_id", owner: "maker_id"})", kAccess,
       "shown to 'guest', who may not call"},
      {R"(audience: "maker", live: {read: "ThingService.Read", id: "thing_id"})", kAccess, "has no live.owner"},
      {R"(audience: "clerk", live: {read: "ThingService.Read", id: "thing_id", owner: "maker_id"})", kAccess, "see every row"},
      {R"(audience: "maker", live: {read: "ThingService.Read", id: "thing_id", owner: "other_id"})", kAccess,
       "Thing has no string field other_id"},
      {R"(audience: "maker", live: {read: "ThingService.Read", id: "thing_id", owner: "weight"})", kAccess, "no string field weight"},
      {R"(audience: "clerk", live: {read: "ThingService.Read", id: "weight"})", kAccess, "no string field weight"},
      {R"(audience: "clerk", live: {read: "ThingService.Read"})", kAccess, "does not fill the path"},
      {R"(audience: "clerk", live: {read: "ThingService.Read", id: ["thing_id", "maker_id"]})", kAccess, "does not fill the path"},
      {R"(audience: "clerk", live: {read: "ThingService.Change", id: "thing_id"})", kAccess, "must name a GET rpc"},
      {R"(audience: "clerk", live: {read: "ThingService.Gone", id: "thing_id"})", kAccess, "must name a GET rpc"},
      {R"(audience: "clerk", live: {read: "ThingService.Read", id: "thing_id"})", "anonymous: true", "must name a GET rpc"},
      {R"(audience: "clerk")", kAccess, "has an audience and no `live`"},
      {R"(live: {read: "ThingService.Read", id: "thing_id"})", kAccess, "is live and has no audience"},
  };
  for (const auto& c : cases) {
    const DescriptorSet set = Contract(c.option, c.access);
    std::vector<std::string> problems;
    const auto events = LiveEvents(set, &problems);
    if (*c.problem == '\0') {
      EXPECT_THAT(problems, IsEmpty()) << c.option;
      EXPECT_EQ(events.size(), 1U) << c.option;
    } else {
      EXPECT_THAT(problems, testing::Contains(HasSubstr(c.problem))) << c.option;
      EXPECT_THAT(events, IsEmpty()) << c.option;
    }
  }
}

TEST(LiveEvents, one_without_the_option_is_never_live) {
  const DescriptorSet set = Contract("", kAccess);
  std::vector<std::string> problems;
  EXPECT_THAT(LiveEvents(set, &problems), IsEmpty());
  EXPECT_THAT(problems, IsEmpty());
}

TEST(LiveEvents, P1_who_sees_whose) {
  const DescriptorSet set = Contract(kLive, kAccess);
  std::vector<std::string> problems;
  const LiveEventType event = LiveEvents(set, &problems).at(0);
  EXPECT_EQ(event.subject(), "ev.renxin.things.v1.thing_changed");
  const Names owners{"m1"};
  const Names viewers{"m1", "m2", "h1"};
  const struct {
    const char* staff;
    Names roles;
    bool expected;
  } cases[] = {
      {"m1", {"maker"}, true},          // their own
      {"m2", {"maker"}, false},         // of the same group, and a role that sees its own alone
      {"h1", {"head"}, true},           // the head of the group
      {"h2", {"head"}, false},          // of another
      {"m1", {"head"}, true},           // their own too
      {"h2", {"head", "clerk"}, true},  // one role is enough
      {"m1", {"clerk"}, true},          // everybody's
      {"", {"clerk"}, true},            // an account that is nobody's
      {"", {"maker"}, false},           // … has nothing of its own
      {"", {"head"}, false},            // … and no group
      {"m1", {"guest"}, false},         // no role of the audience
      {"m1", {}, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(MayReceive(event, {c.staff, c.roles}, owners, viewers), c.expected) << c.staff << "/" << testing::PrintToString(c.roles);
  }
  EXPECT_FALSE(MayReceive(event, {"m1", {"maker"}}, {}, {}));
  EXPECT_FALSE(MayReceive(event, {"", {"maker"}}, {""}, {""})) << "nobody's record is not everybody's";
  EXPECT_TRUE(MayReceive(event, {"", {"clerk"}}, {}, {}));
}

TEST(LiveEvents, P1_an_audience_narrower_than_the_readers_holds) {
  const DescriptorSet set = Contract(R"(audience: "maker", live: {read: "ThingService.Read", id: "thing_id", owner: "maker_id"})", kAccess);
  std::vector<std::string> problems;
  const LiveEventType event = LiveEvents(set, &problems).at(0);
  EXPECT_FALSE(MayReceive(event, {"", {"clerk"}}, {"m1"}, {}));
  EXPECT_TRUE(MayReceive(event, {"c1", {"clerk", "maker"}}, {"m1"}, {})) << "as a maker who gets what the clerk may read";
}

// The suite's own contract: what is live is what may be read, and every published event says whether it is.
TEST(LiveEvents, P1_of_the_suite_keep_to_the_routes) {
  std::vector<std::string> problems;
  const auto events = LiveEvents(EmbeddedDescriptors(), &problems);
  EXPECT_THAT(problems, IsEmpty());
  std::map<std::string, Names> owners;
  for (const LiveEventType& event : events) {
    for (const auto* field : event.owners) owners[event.name].push_back(field->name());
  }
  EXPECT_THAT(
      owners,
      ElementsAre(testing::Pair("lead_changed", ElementsAre("consultant_id")), testing::Pair("referral_recognised", ElementsAre("rep_id")),
                  testing::Pair("statement_locked", ElementsAre("payee_id")), testing::Pair("visit_registered", ElementsAre("rep_id"))));
  // A new version of a policy concerns nobody's open screen.
  const std::set<std::string> never_live{"policy_changed"};
  std::size_t published = 0;
  for (const auto* file : EmbeddedDescriptors().files) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto* message = file->message_type(i);
      if (HasOption(message, options::v1::event) && !never_live.contains(message->options().GetExtension(options::v1::event).name()))
        ++published;
    }
  }
  EXPECT_EQ(events.size(), published) << "an event that is never live: say so in its proto and here";
}

}  // namespace
}  // namespace renxin::contract
