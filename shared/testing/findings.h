#pragma once
// What the checks of a service find, page by page.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/db/session.h"
#include "shared/runtime/doctor.h"

namespace renxin::testing {

// As the route finds it: in transactions that may not write, in pages that are small enough to be several.
inline std::vector<runtime::Finding> FindAll(db::Session& session, const Environment& env, Instant now,
                                             const std::vector<runtime::NamedCheck>& checks, std::size_t page_size = 2) {
  std::vector<runtime::Finding> found;
  std::string page_token;
  do {
    db::Tx tx(session, true);
    const auto page = runtime::Examine(tx, checks, {now, env}, page_token, page_size);
    EXPECT_TRUE(page.ok());
    if (!page) return found;
    found.insert(found.end(), page->findings.begin(), page->findings.end());
    EXPECT_TRUE(page->next_page_token.empty() || page->next_page_token != page_token) << "a page goes on";
    page_token = page->next_page_token;
  } while (!page_token.empty());
  return found;
}

}  // namespace renxin::testing

namespace renxin::runtime {

// `customer c1 G4 phone: is no valid number`, for what gtest prints.
inline void PrintTo(const Finding& finding, std::ostream* out) {
  *out << finding.record << ' ' << finding.id << ' ' << finding.rule << ' ' << finding.what;
}

}  // namespace renxin::runtime
