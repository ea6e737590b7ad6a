#pragma once
// What tests of the platform need: both databases, a broker, keys. Databases are fresh per test.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "shared/bus/bus.h"
#include "shared/db/lane.h"
#include "shared/db/migrate.h"
#include "shared/db/session.h"
#include "shared/db/tx.h"
#include "shared/privacy/seal.h"

namespace renxin::testing {

// A fresh database: `sqlite` in a temporary folder, or `postgres` as a schema of its own in the cluster
// of RENXIN_TEST_POSTGRES_URL (`./dev test` starts one; without it the test fails, it is not skipped).
class FreshDatabase {
 public:
  explicit FreshDatabase(const std::string& kind);
  ~FreshDatabase();
  FreshDatabase(const FreshDatabase&) = delete;
  FreshDatabase& operator=(const FreshDatabase&) = delete;
  const std::string& url() const { return url_; }

 private:
  std::string url_;
  std::string folder_;
  std::string schema_;
};

// Every store test runs on both.
class OnBothDatabases : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { database_ = std::make_unique<FreshDatabase>(GetParam()); }
  const std::string& url() const { return database_->url(); }

 private:
  std::unique_ptr<FreshDatabase> database_;
};
#define RENXIN_ON_BOTH_DATABASES(suite) \
  INSTANTIATE_TEST_SUITE_P(Both, suite, ::testing::Values("sqlite", "postgres"), [](const auto& which) { return which.param; })

// A service's tables, migrated, with a session of its own on them.
class OnServiceTables : public OnBothDatabases {
 protected:
  // Applied after the platform tables: a service's own migrations.
  explicit OnServiceTables(std::vector<db::Migration> own) : own_(std::move(own)) {}
  void SetUp() override;
  void TearDown() override { session_.reset(); }
  db::Session& session() { return *session_; }
  void Reopen() { session_ = std::make_unique<db::Session>(url()); }
  // One transaction, committed; answers what `run` answers.
  template <class Run>
  auto Do(Run run) {
    db::Tx tx(*session_, false);
    if constexpr (std::is_void_v<decltype(run(tx))>) {
      run(tx);
      tx.Flush();
      tx.Commit();
    } else {
      auto result = run(tx);
      tx.Flush();
      tx.Commit();
      return result;
    }
  }

 private:
  std::vector<db::Migration> own_;
  std::unique_ptr<db::Session> session_;
};

// A connection to the scratch nats-server of `./dev test` (RENXIN_TEST_NATS_URL).
std::shared_ptr<bus::Connection> ScratchBus(const std::string& name);

// Polls until `done` holds; false when `limit` is over first.
bool Eventually(std::chrono::milliseconds limit, const std::function<bool()>& done);

}  // namespace renxin::testing
