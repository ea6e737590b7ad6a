#include "shared/contract/method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/contract/testing.h"

namespace renxin::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHead = R"(syntax = "proto3";
import "renxin/options/v1/http.proto";
import "renxin/options/v1/access.proto";
import "renxin/common/v1/common.proto";
)";

constexpr const char* kShared = R"(package renxin.parcels.v1;
message Start { string kind = 1; string upload_id = 2; }
message Get { string id = 1; }
service ParcelService {
  rpc Begin(Start) returns (Start) {
    option (renxin.options.v1.http) = {post: "/v1/parcels/{kind}" dispatch: {field: "kind"} upload: {chunk: "Put", finish: "Finish"}};
    option (renxin.options.v1.access) = {roles: "*"};
  }
  rpc Put(renxin.common.v1.Chunk) returns (renxin.common.v1.Empty) { option (renxin.options.v1.access) = {roles: "*"}; }
  rpc Finish(renxin.common.v1.UploadRef) returns (Get) { option (renxin.options.v1.access) = {roles: "*"}; }
  rpc Read(Get) returns (Get) {
    option (renxin.options.v1.http) = {get: "/v1/parcels/{id}" dispatch: {field: "id", by_prefix: true}};
    option (renxin.options.v1.access) = {roles: "*"};
  }
})";

std::string HostFile(const std::string& package, const std::string& values, const std::string& body = "") {
  return std::string(kHead) + "package renxin." + package + ".v1;\n" + "import \"parcels.proto\";\n" +
         "option (renxin.options.v1.hosts) = {contract: \"renxin.parcels.v1.ParcelService\" values: [" + values + "]};\n" + body;
}

DescriptorSet Build(const std::string& east_values, const std::string& west_values, const std::string& extra = "") {
  std::vector<std::pair<std::string, std::string>> files{{"parcels.proto", std::string(kHead) + kShared},
                                                         {"east.proto", HostFile("east", east_values)},
                                                         {"west.proto", HostFile("west", west_values)}};
  if (!extra.empty()) {
    files.emplace_back("extra.proto",
                       std::string(kHead) + "package renxin.extra.v1;\nmessage M { string id = 1; }\nservice S {" + extra + "}");
  }
  return ParseContract(files);
}

TEST(Methods, AHostedContractAppearsOncePerHost) {
  const auto set = Build("'tea', 'silk'", "'salt'");
  const auto methods = AllMethods(set);
  ASSERT_EQ(methods.size(), 8U);
  EXPECT_THAT(CheckMethods(methods), IsEmpty());
  const auto west = MethodsOf(set, "west");
  ASSERT_EQ(west.size(), 4U);
  EXPECT_EQ(RpcSubject(west[0]), "rpc.renxin.west.v1.ParcelService.Begin");
  EXPECT_EQ(west[0].kind, MethodKind::kRoute);
  EXPECT_EQ(west[1].kind, MethodKind::kPlain);
  EXPECT_THAT(west[0].hosted_values, ElementsAre("salt"));
  EXPECT_EQ(HttpVerb(west[0].http), "POST");
  EXPECT_EQ(HttpPattern(west[3].http), "/v1/parcels/{id}");
  EXPECT_THAT(MethodsOf(set, "parcels"), IsEmpty());
}

TEST(Methods, InternalOnesHaveTheirOwnSubject) {
  const auto set = Build("'a'", "'b'", "rpc Ask(M) returns (M) { option (renxin.options.v1.access) = {callers: \"east\"}; }");
  const auto methods = MethodsOf(set, "extra");
  ASSERT_EQ(methods.size(), 1U);
  EXPECT_EQ(methods[0].kind, MethodKind::kInternal);
  EXPECT_EQ(SubjectOf(methods[0]), "int.renxin.extra.v1.S.Ask");
}

TEST(Methods, WhatIsWrongIsNamed) {
  const struct {
    const char* west;
    const char* rpc;
    const char* problem;
  } cases[] = {
      {"'tea'", "", "is answered by two services for 'tea'"},
      {"", "", "declares no values"},
      {"'b'", "rpc Ask(M) returns (M);", "has no access"},
      {"'b'",
       "rpc Ask(M) returns (M) { option (renxin.options.v1.http) = {get: \"/v1/m\"}; option (renxin.options.v1.access) = {callers: \"x\"}; "
       "}",
       "both a route and callers"},
      {"'b'",
       "rpc Ask(M) returns (M) { option (renxin.options.v1.http) = {get: \"/v1/m/{nr}\"}; option (renxin.options.v1.access) = {roles: "
       "\"*\"}; }",
       "{nr} is no scalar field"},
      {"'b'",
       "rpc Ask(M) returns (M) { option (renxin.options.v1.http) = {get: \"/v1/parcels/{id}\"}; option (renxin.options.v1.access) = "
       "{roles: \"*\"}; }",
       "is claimed by"},
      {"'b'",
       "rpc Ask(M) returns (M) { option (renxin.options.v1.http) = {post: \"/v1/m\" upload: {chunk: \"A\", finish: \"B\"}};"
       " option (renxin.options.v1.access) = {roles: \"*\"}; }",
       "upload.chunk must name"},
      {"'b'",
       "rpc Ask(M) returns (M) { option (renxin.options.v1.http) = {get: \"/v1/m\" download: {}}; option (renxin.options.v1.access) = "
       "{roles: \"*\"}; }",
       "answers with renxin.common.v1.BytesPage"},
      {"'b'",
       "rpc Ask(M) returns (M) { option (renxin.options.v1.http) = {post: \"/v1/m:ask\" if_match: true};"
       " option (renxin.options.v1.access) = {roles: \"*\"}; }",
       "if_match stands on a command whose reply has an int64 version"},
      {"'b'",
       "rpc Ask(M) returns (M) { option (renxin.options.v1.http) = {post: \"/v1/m:ask\" replay_seconds: -1};"
       " option (renxin.options.v1.access) = {roles: \"*\"}; }",
       "replay_seconds is a positive number"},
  };
  for (const auto& c : cases) {
    const auto set = Build("'tea'", c.west, c.rpc);
    EXPECT_THAT(CheckMethods(AllMethods(set)), testing::Contains(HasSubstr(c.problem))) << c.rpc;
  }
}

TEST(Methods, TheSuiteItselfIsSound) { EXPECT_THAT(CheckMethods(AllMethods(EmbeddedDescriptors())), IsEmpty()); }

TEST(Methods, CommentsSurvive) {
  const auto* message = EmbeddedDescriptors().pool->FindMessageTypeByName("renxin.common.v1.Chunk");
  ASSERT_NE(message, nullptr);
  google::protobuf::SourceLocation location;
  ASSERT_TRUE(message->GetSourceLocation(&location));
  EXPECT_THAT(location.leading_comments, HasSubstr("A piece of an upload"));
}

}  // namespace
}  // namespace renxin::contract
