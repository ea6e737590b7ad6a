#include "shared/runtime/config.h"

#include "shared/core/variables.h"

namespace renxin::runtime {

Config Config::FromEnvironment(const std::string& service) {
  Config config;
  config.service = service;
  config.database_url = "sqlite:var/" + service + ".db";
  config.nats.user = service;
  config.key_file = "var/keys/" + service + ".key";
  config.http_address = "127.0.0.1:0";
  config.log_level = "info";
  config.zone = "Asia/Shanghai";
  Variables variables;
  variables.Text("RENXIN_DATABASE_URL", &config.database_url);
  config.migration_database_url = config.database_url;
  variables.Text("RENXIN_MIGRATION_DATABASE_URL", &config.migration_database_url);
  config.nats.Read(&variables);
  variables.Text("RENXIN_KEY_FILE", &config.key_file);
  variables.Text("RENXIN_HTTP_ADDRESS", &config.http_address);
  variables.Text("RENXIN_LOG_LEVEL", &config.log_level);
  variables.Text("RENXIN_ZONE", &config.zone);
  variables.Number("RENXIN_LANES", 16, &config.lanes);
  variables.Number("RENXIN_READERS", 64, &config.readers);
  variables.Number("RENXIN_PREFLIGHTS", 64, &config.preflights);
  config.fault = variables.fault();
  return config;
}

}  // namespace renxin::runtime
