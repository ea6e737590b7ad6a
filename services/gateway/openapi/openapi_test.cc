#include "services/gateway/openapi/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

#include "services/gateway/testing/contract.h"
#include "shared/contract/testing.h"

namespace renxin::gateway {
namespace {

namespace json = boost::json;

TEST(OpenApi, SaysWhatTheContractSays) {
  const auto set =
      contract::ParseContract({{"things.proto", kThings}, {"parcels.proto", kParcels}, {"east.proto", kEast}, {"west.proto", kWest}});
  const json::value document = json::parse(OpenApiDocument(Routes(set)));
  EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
  const auto& paths = document.at("paths").as_object();
  EXPECT_EQ(paths.size(), 9U);
  const auto& create = paths.at("/v1/things").at("post");
  EXPECT_EQ(create.at("summary").as_string(), "Makes a thing");
  EXPECT_EQ(create.at("description").as_string(), "Makes a thing. It has a second sentence. Roles: admin, maker.");
  EXPECT_TRUE(create.at("responses").as_object().contains("201"));
  EXPECT_EQ(create.at("requestBody").at("content").at("application/json").at("schema").at("$ref").as_string(),
            "#/components/schemas/renxin.things.v1.Thing");
  EXPECT_TRUE(paths.at("/a").at("post").at("security").as_array().empty());
  const auto& read = paths.at("/v1/things/{id}").as_object();
  EXPECT_EQ(read.size(), 3U);
  EXPECT_EQ(read.at("get").at("parameters").at(0).at("in").as_string(), "path");
  // Conditions stand where they are answered, and nowhere else.
  EXPECT_TRUE(read.at("get").at("responses").as_object().contains("304"));
  EXPECT_TRUE(read.at("get").at("responses").at("200").at("headers").as_object().contains("ETag"));
  EXPECT_NE(json::serialize(read.at("get").at("parameters")).find("parameters/IfNoneMatch"), std::string::npos);
  EXPECT_NE(json::serialize(read.at("patch").at("parameters")).find("parameters/IfMatch"), std::string::npos);
  EXPECT_TRUE(read.at("patch").at("responses").as_object().contains("412"));
  EXPECT_EQ(json::serialize(create.at("parameters")).find("If"), std::string::npos);
  EXPECT_FALSE(create.at("responses").as_object().contains("412"));
  EXPECT_FALSE(paths.at("/v1/things/{id}/page").at("get").at("responses").as_object().contains("304"));
  const auto& upload = paths.at("/v1/parcels").at("post").at("requestBody").at("content").at("multipart/form-data").at("schema");
  EXPECT_TRUE(upload.at("properties").as_object().contains("file"));
  const auto& schemas = document.at("components").at("schemas").as_object();
  const auto& part = schemas.at("renxin.things.v1.Part").at("properties");
  EXPECT_EQ(part.at("amount").at("description").as_string(), "Fen.");
  EXPECT_EQ(part.at("amount").at("type").as_string(), "string");
  EXPECT_EQ(part.at("inner").at("items").at("$ref").as_string(), "#/components/schemas/renxin.things.v1.Part");
  EXPECT_EQ(schemas.at("Problem").at("required").as_array().size(), 9U);
}

// Every reference leads somewhere.
void Collect(const json::value& value, std::vector<std::string>* references) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.as_object()) {
      if (key == "$ref") {
        references->emplace_back(inner.as_string());
      }
      Collect(inner, references);
    }
  } else if (value.is_array()) {
    for (const auto& inner : value.as_array()) {
      Collect(inner, references);
    }
  }
}

std::vector<std::string> Refusals(const json::value& operation) {
  std::vector<std::string> statuses;
  for (const auto& [status, response] : operation.at("responses").as_object()) {
    if (status.starts_with('4')) {
      statuses.emplace_back(status);
    }
  }
  return statuses;
}

TEST(OpenApi, AnOperationListsTheRefusalsItCanAnswerWith) {
  const auto set = contract::ParseContract({{"things.proto", kThings}, {"parcels.proto", kParcels}});
  const json::value document = json::parse(OpenApiDocument(Routes(set)));
  const auto& paths = document.at("paths");
  using testing::UnorderedElementsAre;
  EXPECT_THAT(Refusals(paths.at("/v1/things").at("get")), UnorderedElementsAre("400", "401", "403"));
  EXPECT_THAT(Refusals(paths.at("/v1/things/{id}").at("get")), UnorderedElementsAre("400", "401", "403", "404"));
  EXPECT_THAT(Refusals(paths.at("/v1/things/{id}").at("delete")), UnorderedElementsAre("400", "401", "403", "404", "409"));
  EXPECT_THAT(Refusals(paths.at("/v1/things/{id}").at("patch")),
              UnorderedElementsAre("400", "401", "403", "404", "409", "412", "413", "415"));
  EXPECT_THAT(Refusals(paths.at("/a").at("post")), UnorderedElementsAre("400", "409", "413", "415"));
}

TEST(OpenApi, ANameThatTwoPackagesUseBearsItsPackage) {
  const std::string other = R"(
syntax = "proto3";
package renxin.others.v1;
import "renxin/options/v1/http.proto";
import "renxin/options/v1/access.proto";
import "renxin/common/v1/common.proto";
// Others have things as well.
service ThingService {
  // Reads it.
  rpc Read(renxin.common.v1.Empty) returns (renxin.common.v1.Empty) {
    option (renxin.options.v1.http) = {get: "/v1/others"};
    option (renxin.options.v1.access) = {roles: "*"};
  }
}
)";
  const auto set = contract::ParseContract({{"things.proto", kThings}, {"parcels.proto", kParcels}, {"others.proto", other}});
  const json::value document = json::parse(OpenApiDocument(Routes(set)));
  const auto& paths = document.at("paths");
  EXPECT_EQ(paths.at("/v1/others").at("get").at("operationId").as_string(), "others_ThingService_Read");
  EXPECT_EQ(paths.at("/v1/things/{id}").at("get").at("operationId").as_string(), "things_ThingService_Read");
  EXPECT_EQ(paths.at("/v1/parcels/{id}").at("get").at("operationId").as_string(), "ParcelService_Read");
  const auto& tags = document.at("tags").as_array();
  ASSERT_EQ(tags.size(), 3U);
  EXPECT_EQ(tags.at(1).at("name").as_string(), "others_ThingService");
  EXPECT_EQ(tags.at(1).at("description").as_string(), "Others have things as well.");
}

TEST(OpenApi, OfTheSuiteItselfIsWhole) {
  const Routes routes(contract::EmbeddedDescriptors());
  const json::value document = json::parse(OpenApiDocument(routes));
  std::vector<std::string> references;
  Collect(document, &references);
  EXPECT_FALSE(references.empty());
  const auto& components = document.at("components").as_object();
  for (const auto& reference : references) {
    const auto slash = reference.rfind('/');
    const auto kind = reference.substr(13, slash - 13);
    EXPECT_TRUE(components.at(kind).as_object().contains(reference.substr(slash + 1))) << reference;
  }
  // Each part of the interface has a description.
  for (const auto& tag : document.at("tags").as_array()) {
    EXPECT_FALSE(tag.at("description").as_string().empty()) << tag.at("name").as_string();
  }
  std::set<std::string> ids;
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [verb, operation] : methods.as_object()) {
      EXPECT_FALSE(operation.at("summary").as_string().empty()) << verb << " " << path;
      EXPECT_TRUE(ids.emplace(operation.at("operationId").as_string()).second) << verb << " " << path;
    }
  }
}

}  // namespace
}  // namespace renxin::gateway
