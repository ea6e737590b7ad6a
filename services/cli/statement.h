#pragma once
// Statements (结算单) for people, and worked out again.

#include <string>

#include "services/cli/api.h"
#include "services/cli/console.h"

namespace renxin::cli {

struct StatementOptions {
  std::string period;
  std::string payee;   // number or id
  std::string source;  // which outside system's number; empty: any
};

Exit ShowStatement(Api& api, Console& console, const StatementOptions& options);
Exit ListStatements(Api& api, Console& console, const StatementOptions& options);
// kOk or kDiffers.
Exit CheckStatement(Api& api, Console& console, const StatementOptions& options);

// The statement as a table.
std::string StatementText(const json::object& statement);

}  // namespace renxin::cli
