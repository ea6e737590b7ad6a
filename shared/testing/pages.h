#pragma once
// That a list is paged as docs/api.md says.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "shared/contract/page.h"

namespace renxin::testing {

inline std::string RefusedField(const Error& error) { return error.fields.empty() ? "" : error.fields.front().field; }

// `list` answers a request, `ids` gives what tells the rows of an answer apart, in their order. At least three rows must be there, so that
// a page ends between them; give them equal sort keys where there is a second one.
template <class Req, class ListRows, class Ids>
void ExpectPages(Req req, const ListRows& list, const Ids& ids) {
  req.set_page_size(contract::Page::kMaxSize);
  const auto whole = list(req);
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  const std::vector<std::string> all = ids(*whole);
  ASSERT_GE(all.size(), 3U);
  EXPECT_EQ(whole->next_page_token(), "");
  for (const int page_size : {1, 2, static_cast<int>(all.size())}) {
    std::vector<std::string> found;
    req.set_page_size(page_size);
    req.clear_page_token();
    do {
      const auto page = list(req);
      ASSERT_TRUE(page.ok()) << page.error().message;
      const std::vector<std::string> rows = ids(*page);
      ASSERT_LE(rows.size(), static_cast<std::size_t>(page_size));
      found.insert(found.end(), rows.begin(), rows.end());
      req.set_page_token(page->next_page_token());
    } while (!req.page_token().empty() && found.size() <= all.size());
    EXPECT_EQ(found, all) << "in pages of " << page_size;
  }
  for (const std::string& foreign : {std::string("x"), contract::PageToken({"another list", {contract::KeyPart::kText}}, {all.front()})}) {
    req.set_page_token(foreign);
    EXPECT_EQ(RefusedField(list(req).error()), "page_token");
  }
  req.clear_page_token();
  req.set_page_size(contract::Page::kMaxSize + 1);
  EXPECT_EQ(RefusedField(list(req).error()), "page_size");
}

}  // namespace renxin::testing
