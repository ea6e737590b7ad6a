#pragma once
// A statement worked out again from its sources, by arithmetic of its own: integers only, one rounding a
// line, half away from zero (G2).

#include <string>
#include <vector>

#include "services/cli/json.h"

namespace renxin::cli {

// One sentence per figure that differs; empty: it is right. `statement` and `sources` as the gateway tells
// them (renxin.commissions.v1.Statement, StatementSource).
std::vector<std::string> VerifyStatement(const json::object& statement, const json::array& sources);

// SHA-256 over the figures and sources, as services/commissions states it (`Statement.hash`).
std::string StatementHash(const json::object& statement, const json::array& sources);

}  // namespace renxin::cli
