#include "services/cli/import.h"

#include <gmock/gmock.h>

#include <map>

#include "services/cli/digest.h"
#include "services/cli/testing.h"

namespace renxin::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// Takes files like the suite: an operation per key, done at the second look; each kind waits at the first close.
struct Suite {
  std::map<std::string, std::string> operation_by_key;
  std::map<std::string, std::string> kind_by_operation;
  std::map<std::string, int> looks;
  std::map<std::string, int> closes;
  std::string failing;
  int never_done = 0;

  HttpReply Answer(const HttpRequest& request) {
    if (request.target == "/v1/imports") return Handle(request);
    if (request.target == "/v1/imports:finish") return Close(json::parse(request.body).at("kind").as_string().c_str());
    const std::string id = request.target.substr(std::string("/v1/operations/").size());
    return {.status = 200, .body = Operation(id, ++looks[id] > 1 && never_done == 0)};
  }

  HttpReply Handle(const HttpRequest& request) {
    std::string& id = operation_by_key[HeaderOf(request, "Idempotency-Key")];
    if (id.empty()) id = "leads.op" + std::to_string(operation_by_key.size());
    const auto& [name, kind] = request.form->fields.front();
    EXPECT_EQ(name, "kind");
    kind_by_operation[id] = kind;
    return {.status = 202, .body = Operation(id, false)};
  }

  HttpReply Close(const std::string& kind) {
    const bool waits = ++closes[kind] == 1 && kind == "attributions";
    return {.status = 200, .body = waits ? R"({"refused":"1","still_waiting":"2"})" : R"({"refused":"0","still_waiting":"0"})"};
  }

  std::string Operation(const std::string& id, bool over) const {
    const std::string& kind = kind_by_operation.at(id);
    const std::string state = !over ? "RUNNING" : kind == failing ? "FAILED" : "DONE";
    return R"({"id":")" + id + R"(","state":"OPERATION_STATE_)" + state + R"(","percent":50,)" +
           (over && kind == failing ? R"("failure":{"message":"no rows"},)" : "") + R"("import":{"report":{"read":"3","created":")" +
           (over ? "2" : "0") + R"(","refused":"1","new_codes":["campaign=spring"]}}})";
  }
};

class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    cli.gateway.answer = [this](const HttpRequest& request) { return suite.Answer(request); };
  }
  CliFixture cli;
  Suite suite;
};

TEST_F(ImportTest, OneFileIsSentFromDiskAndReported) {
  const auto file = cli.Write("x.csv", "lead_no\r\n1\r\n");
  EXPECT_EQ(cli.Run({"import", "leads", file.string(), "--source", "old"}), 0) << cli.err;
  const HttpRequest& sent = cli.gateway.requests.front();
  EXPECT_THAT(sent.form->fields, ElementsAre(Pair("kind", "leads"), Pair("source", "old"), Pair("dry_run", "false")));
  EXPECT_EQ(sent.form->file, file);
  EXPECT_THAT(cli.out, HasSubstr("read 读取"));
  EXPECT_THAT(cli.out, HasSubstr("new: campaign=spring"));
  EXPECT_THAT(cli.out, HasSubstr("/v1/imports/leads.op1/refused.csv"));
  EXPECT_THAT(suite.closes, testing::SizeIs(0)) << "a single file does not finish its source";
}

TEST_F(ImportTest, AFolderIsImportedThenFinishedUntilNothingWaits) {
  cli.Write("leads.csv", "l");
  cli.Write("staff.csv", "s");
  cli.Write("notes.txt", "n");
  EXPECT_EQ(cli.Run({"import", "--dir", cli.folder().string(), "--source", "old", "--json"}), 0) << cli.err;
  const json::value result = json::parse(cli.out);
  ASSERT_EQ(result.at("files").as_array().size(), 2U);
  EXPECT_EQ(result.at("files").at(0).at("kind").as_string(), "staff");
  EXPECT_EQ(result.at("files").at(1).at("report").at("created").as_int64(), 2);
  EXPECT_EQ(result.at("files").at(1).at("report").at("updated").as_int64(), 0);
  EXPECT_EQ(suite.closes["attributions"], 2);
  EXPECT_EQ(suite.closes["leads"], 1);
  for (const json::value& closed : result.at("finish").as_array()) {
    EXPECT_EQ(closed.at("still_waiting").as_int64(), 0);
    EXPECT_EQ(closed.at("refused").as_int64(), closed.at("kind").as_string() == "attributions" ? 1 : 0);
  }
  EXPECT_EQ(cli.gateway.requests.back().target.rfind("/v1/operations/", 0), 0U) << "the reports are read again after finishing";
}

TEST_F(ImportTest, AKindThatNobodyTakesIsSaidAndTheRestGoesIn) {
  cli.Write("partners.csv", "p");
  cli.Write("staff.csv", "s");
  EXPECT_EQ(cli.Run({"import", "--dir", cli.folder().string(), "--source", "old", "--json"}), 3);
  EXPECT_THAT(cli.err, HasSubstr("no service takes partners yet"));
  EXPECT_EQ(json::parse(cli.out).at("not_there").at(0).as_string(), "partners");
  EXPECT_EQ(suite.kind_by_operation.size(), 1U);
  EXPECT_GT(suite.closes.size(), 0U);
}

TEST_F(ImportTest, AFileThatIsRefusedAsAWholeKeepsTheSourceOpen) {
  suite.failing = "staff";
  cli.Write("leads.csv", "l");
  cli.Write("staff.csv", "s");
  EXPECT_EQ(cli.Run({"import", "--dir", cli.folder().string(), "--source", "old"}), 1);
  EXPECT_THAT(cli.out, HasSubstr("refused as a whole: no rows"));
  EXPECT_THAT(cli.err, HasSubstr("not finished"));
  EXPECT_EQ(suite.closes.size(), 0U);
}

TEST_F(ImportTest, ADryRunFinishesNothing) {
  cli.Write("leads.csv", "l");
  EXPECT_EQ(cli.Run({"import", "--dir", cli.folder().string(), "--source", "old", "--dry-run"}), 0);
  EXPECT_THAT(cli.out, HasSubstr("nothing was kept"));
  EXPECT_EQ(suite.closes.size(), 0U);
}

TEST_F(ImportTest, FinishAlone) {
  EXPECT_EQ(cli.Run({"import", "--finish", "old"}), 0);
  EXPECT_THAT(cli.out, HasSubstr("finish: attributions: 1 refused"));
  EXPECT_THAT(cli.out, HasSubstr("old is finished"));
  for (const HttpRequest& request : cli.gateway.requests) EXPECT_EQ(json::parse(request.body).at("source").as_string(), "old");
}

TEST_F(ImportTest, RepeatsResumeTheSameOperationAndALaterRunIsANewOne) {
  const auto file = cli.Write("leads.csv", "l");
  int failures = 0;
  cli.gateway.answer = [&](const HttpRequest& request) -> HttpReply {
    if (request.target == "/v1/imports") {
      HttpReply reply = suite.Answer(request);  // it took the file, and died before it could say so
      if (++failures == 1) throw TransportError("broken", false);
      if (failures == 2) return {.status = 503, .body = "{}"};
      if (failures == 3) return {.status = 503, .body = R"({"reason":"busy"})"};
      return reply;
    }
    return suite.Answer(request);
  };
  EXPECT_EQ(cli.Run({"import", "leads", file.string(), "--source", "old"}), 0) << cli.err;
  EXPECT_EQ(suite.operation_by_key.size(), 1U);
  EXPECT_EQ(cli.Run({"import", "leads", file.string(), "--source", "old"}), 0);
  EXPECT_EQ(suite.operation_by_key.size(), 2U);
}

TEST_F(ImportTest, WhatDoesNotMoveEndsInTime) {
  suite.never_done = 1;
  const auto file = cli.Write("leads.csv", "l");
  EXPECT_EQ(cli.Run({"import", "leads", file.string(), "--source", "old", "--timeout", "20"}), 5);
  EXPECT_THAT(cli.err, HasSubstr("nothing moves: leads"));
  EXPECT_LT(cli.slept.count(), 25'000);
}

TEST(UploadKey, ChangesWithEveryPart) {
  const std::string key = UploadKey("d", "k", "s", false, "n");
  EXPECT_EQ(key.size(), 64U);
  EXPECT_EQ(UploadKey("d", "k", "s", false, "n"), key);
  for (const std::string& other :
       {UploadKey("e", "k", "s", false, "n"), UploadKey("d", "l", "s", false, "n"), UploadKey("d", "k", "t", false, "n"),
        UploadKey("d", "k", "s", true, "n"), UploadKey("d", "k", "s", false, "m")}) {
    EXPECT_NE(other, key);
  }
}

TEST(Digest, IsSha256) {
  CliFixture cli;
  EXPECT_EQ(TextDigest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(FileDigest(cli.Write("f", "abc")), TextDigest("abc"));
  EXPECT_THROW(FileDigest(cli.folder()), CliError);
  EXPECT_THROW(FileDigest(cli.folder() / "nowhere"), CliError);
}

}  // namespace
}  // namespace renxin::cli
