#include "shared/testing/databases.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "shared/core/text.h"

namespace renxin::testing {
namespace {

std::string Required(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') throw std::runtime_error(std::string(name) + " is not set: run ./dev test");
  return value;
}

void OnServer(const std::string& url, const std::string& sql) {
  db::Session session(url);
  db::Tx tx(session, false);
  tx.Exec(sql);
  tx.Commit();
}

}  // namespace

FreshDatabase::FreshDatabase(const std::string& kind) {
  const std::string name = "t" + ToHex(RandomBytes(6));
  if (kind == "sqlite") {
    folder_ = ::testing::TempDir() + "/renxin-" + name;
    std::filesystem::create_directories(folder_);
    url_ = "sqlite:" + folder_ + "/test.db";
    return;
  }
  const std::string server = Required("RENXIN_TEST_POSTGRES_URL");
  schema_ = name;
  OnServer(server, "create schema " + schema_);
  // A role of that name, so that the search path and the grants are as in production.
  OnServer(server, "create role " + schema_ + " login password 'test'");
  OnServer(server, "grant all on schema " + schema_ + " to " + schema_);
  OnServer(server, "alter role " + schema_ + " set search_path = " + schema_);
  const std::size_t at = server.find('@');
  const std::size_t scheme = server.find("://") + 3;
  url_ = server.substr(0, scheme) + schema_ + ":test" + server.substr(at);
}

FreshDatabase::~FreshDatabase() {
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
  // The schema goes with the scratch cluster.
}

void OnServiceTables::SetUp() {
  OnBothDatabases::SetUp();
  std::vector<db::Migration> all = db::PlatformMigrations();
  all.insert(all.end(), own_.begin(), own_.end());
  db::Migrate(url(), url(), all);
  Reopen();
}

std::shared_ptr<bus::Connection> ScratchBus(const std::string& name) {
  const char* user = std::getenv("RENXIN_TEST_NATS_USER");
  const char* file = std::getenv("RENXIN_TEST_NATS_PASSWORD_FILE");
  auto connection = bus::Connection::Open({.url = Required("RENXIN_TEST_NATS_URL"),
                                           .user = user == nullptr ? "" : user,
                                           .password_file = file == nullptr ? "" : file,
                                           .name = name});
  if (!Eventually(std::chrono::seconds(10), [&] { return connection->connected(); })) throw std::runtime_error("no scratch broker");
  return connection;
}

bool Eventually(std::chrono::milliseconds limit, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::mutex mutex;
  std::condition_variable never;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace renxin::testing
