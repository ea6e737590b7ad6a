#include "services/identity/bootstrap.h"

#include <cstring>
#include <fstream>
#include <iostream>

#include "services/identity/accounts/password.h"
#include "services/identity/accounts/store.h"
#include "shared/core/text.h"
#include "shared/intake/wiring.h"

namespace renxin::identity {

std::vector<db::Migration> Migrations();

std::vector<db::Migration> AllMigrations() { return intake::WithImports(Migrations()); }

int Bootstrap(runtime::Service& service, int argc, char** argv) {
  if (argc != 5 || std::strcmp(argv[3], "--password-file") != 0) {
    std::cerr << "usage: renxin-identity --bootstrap-administrator NAME --password-file FILE\n";
    return 2;
  }
  std::string password;
  std::ifstream file(argv[4]);
  if (!std::getline(file, password) || password.size() < 10) {
    std::cerr << "the password file holds no password of at least 10 characters\n";
    return 1;
  }
  try {
    service.RunOffline([&](Tx& tx, const TimerContext& ctx) {
      if (accounts::ByName(tx, argv[2], true)) return;
      accounts::Insert(tx,
                       {.id = NewId(),
                        .username = argv[2],
                        .staff_id = "",
                        .roles = {"administrator"},
                        .password_hash = accounts::HashPassword(password)},
                       "bootstrap", ctx.now);
    });
  } catch (const std::exception& error) {
    std::cerr << "cannot make the administrator: " << error.what() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace renxin::identity
