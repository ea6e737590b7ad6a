#pragma once
#include <vector>

#include "shared/runtime/service.h"

namespace renxin::identity {

std::vector<db::Migration> AllMigrations();

// `--bootstrap-administrator NAME --password-file FILE`: makes the first administrator; does nothing
// when an account of that name is there. Returns the exit code.
int Bootstrap(runtime::Service& service, int argc, char** argv);

}  // namespace renxin::identity
