#pragma once
// What the tests of the engine share: a database, an engine with a few kinds, and files that go through it step by step.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "renxin/operations/v1/operations.pb.h"
#include "shared/intake/apply.h"
#include "shared/intake/handlers.h"
#include "shared/testing/databases.h"

namespace renxin::intake {

std::vector<db::Migration> Migrations();

class EngineTest : public renxin::testing::OnServiceTables {
 protected:
  EngineTest() : OnServiceTables(Migrations()) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    const auto apply = [this](Tx&, Batch&, const std::vector<Record>& records) {
      std::vector<Outcome> outcomes;
      for (const Record& record : records) {
        taken_.push_back(record.no + "=" + record.rows.front().cells[1]);
        outcomes.push_back(Outcome::Created("t-" + std::to_string(taken_.size())));
      }
      return outcomes;
    };
    const std::vector<Column> columns = {{"thing_no", true}, {"name"}, {"owner_no"}};
    engine_.Add({.kind = "things", .columns = columns, .number = "thing_no", .apply = apply});
    engine_.Add({.kind = "bills", .columns = columns, .number = "thing_no", .grouped = true, .apply = apply});
    engine_.Add({.kind = "moves", .columns = columns, .number = "thing_no", .number_columns = {"thing_no", "name"}, .apply = apply});
  }
  void Begin(const std::string& kind, const std::string& file) {
    id_ = "op-" + std::to_string(++begun_);
    operation_ = {.id = id_};
    taken_.clear();
    Do([&](Tx& tx) {
      store::Import op;
      op.id = id_;
      op.kind = kind;
      op.source = id_;  // of its own: nothing is known from the file before
      store::Insert(tx, op);
      constexpr std::size_t kPiece = 128 * 1024;
      for (std::size_t at = 0; at < file.size(); at += kPiece) {
        store::UploadChunk(tx, env_, id_, static_cast<std::int64_t>(at), std::string_view(file).substr(at, kPiece), std::to_string(at));
      }
      return true;
    });
  }
  store::Import Now() {
    return Do([&](Tx& tx) { return *store::Load(tx, id_, false); });
  }
  store::Import ProcessOnce() {
    operation_ = Do([&](Tx& tx) {
      operations::Operation op = operation_;
      ProcessStep(tx, engine_, op, env_, now_);
      EXPECT_TRUE(op.state != operations::State::OPERATION_STATE_RUNNING || op.checkpoint != operation_.checkpoint)
          << "without progress at " << op.checkpoint << ": the runner counts it as a failure";
      return op;
    });
    store::Import import = Now();
    if (operation_.failure) import.failure = operation_.failure->message;
    return import;
  }
  store::Import Finished() {
    store::Import op = Now();
    for (int steps = 0; steps < 20 && operation_.state == operations::State::OPERATION_STATE_RUNNING; ++steps) op = ProcessOnce();
    EXPECT_EQ(operation_.state, operations::State::OPERATION_STATE_DONE) << op.failure;
    return op;
  }
  store::Import Require(const std::string& kind, const std::string& file) {
    Begin(kind, file);
    return Finished();
  }
  // "line: reason" of each row that was refused.
  std::vector<std::string> Refusals() {
    std::vector<std::string> out;
    for (const auto& row : Do([&](Tx& tx) { return store::RefusedAfter(tx, env_, id_, 0, 100); })) out.push_back(row[0] + ": " + row[1]);
    return out;
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
  Engine engine_{"test"};
  std::vector<std::string> taken_;
  std::string id_;
  operations::Operation operation_;
  int begun_ = 0;
};

}  // namespace renxin::intake
