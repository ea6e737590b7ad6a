// The lists of identity on both databases: page by page, and what their filters leave.

#include "services/identity/accounts/handlers.h"
#include "services/identity/accounts/store.h"
#include "services/identity/bootstrap.h"
#include "services/identity/staff/handlers.h"
#include "services/identity/staff/store.h"
#include "shared/core/text.h"
#include "shared/testing/databases.h"
#include "shared/testing/pages.h"

namespace renxin::identity {

namespace {

using Names = std::vector<std::string>;

class ListsTest : public testing::OnServiceTables {
 protected:
  ListsTest() : OnServiceTables(AllMigrations()) {}
  template <class Res, class Req>
  Result<Res> Call(Result<Res> (*handler)(Tx&, const CallContext&, const Req&), const Req& req) {
    db::Tx tx(session(), true);
    return handler(tx, {.now = now_, .caller = {.username = "clerk"}, .scope = {.all = true}, .env = env_}, req);
  }
  void Hire(Tx& tx, const std::string& source, const std::string& number, const std::string& job) {
    staff::Insert(tx, env_, {.id = NewId(), .source = source, .staff_no = number, .name = "王芳", .job = job, .joined_on = "2025-01-01"},
                  "clerk", now_);
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
};
RENXIN_ON_BOTH_DATABASES(ListsTest);

TEST_P(ListsTest, Staff_are_listed_by_source_number_and_job) {
  Do([&](Tx& tx) {
    Hire(tx, "hr", "1", "rep");
    Hire(tx, "hr", "2", "rep");
    Hire(tx, "hr", "3", "consultant");
    Hire(tx, "old", "1", "rep");
  });
  const auto list = [&](const v1::ListStaffRequest& req) { return Call(&staff::ListStaff, req); };
  const auto names = [](const v1::ListStaffResponse& page) {
    Names out;
    for (const auto& one : page.staff()) out.push_back(one.source() + " " + one.staff_no());
    return out;
  };
  const auto sorted = [&](const v1::ListStaffRequest& req) {
    Names out = names(*list(req));
    std::sort(out.begin(), out.end());
    return out;
  };
  v1::ListStaffRequest req;
  testing::ExpectPages(req, list, names);
  req.set_source("hr");
  testing::ExpectPages(req, list, names);
  EXPECT_EQ(sorted(req), (Names{"hr 1", "hr 2", "hr 3"}));
  req.set_job("rep");
  EXPECT_EQ(sorted(req), (Names{"hr 1", "hr 2"}));
  v1::ListStaffRequest number;
  number.set_staff_no("1");
  EXPECT_EQ(sorted(number), (Names{"hr 1", "old 1"}));
}

TEST_P(ListsTest, P1_accounts_are_listed_by_member_of_staff_and_got_by_id) {
  const std::string member = NewId();
  Names ids;
  Do([&](Tx& tx) {
    for (int i = 0; i < 4; ++i) {
      ids.push_back(NewId());
      accounts::Insert(tx, {.id = ids.back(), .username = "u" + std::to_string(i), .staff_id = i == 0 ? member : "", .roles = {"auditor"}},
                       "clerk", now_);
    }
  });
  const auto list = [&](const v1::ListAccountsRequest& req) { return Call(&accounts::ListAccounts, req); };
  const auto found = [](const v1::ListAccountsResponse& page) {
    Names out;
    for (const auto& account : page.accounts()) out.push_back(account.id());
    return out;
  };
  v1::ListAccountsRequest req;
  testing::ExpectPages(req, list, found);
  EXPECT_EQ(found(*list(req)).size(), 4U);
  req.set_staff_id(member);
  EXPECT_EQ(found(*list(req)), Names{ids[0]});
  v1::GetAccountRequest one;
  one.set_id(ids[3]);
  EXPECT_EQ(Call(&accounts::GetAccount, one)->username(), "u3");
  one.set_id(NewId());
  EXPECT_EQ(Call(&accounts::GetAccount, one).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace renxin::identity
