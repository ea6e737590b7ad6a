#include "shared/runtime/doctor.h"

#include "shared/contract/page.h"
#include "shared/testing/databases.h"
#include "shared/testing/findings.h"

namespace renxin::runtime {
namespace {

using renxin::testing::FindAll;

// A table of things; `faults` says how many findings each has.
class DoctorTest : public renxin::testing::OnServiceTables {
 protected:
  DoctorTest() : OnServiceTables({}) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([](Tx& tx) { tx.Exec("create table things (id text primary key, faults bigint not null)"); });
  }
  void Add(int count, const std::vector<std::pair<int, int>>& faults) {
    Do([&](Tx& tx) {
      std::vector<std::vector<db::Value>> rows;
      for (int i = 0; i < count; ++i) rows.push_back({Id(i), std::int64_t{0}});
      for (const auto& [i, several] : faults) rows[static_cast<std::size_t>(i)][1] = std::int64_t{several};
      tx.ExecRows("insert into things (id, faults) ", {}, rows, "");
    });
  }
  static std::string Id(int i) { return "t" + std::to_string(100'000 + i); }
  static std::vector<CheckedRow> CheckThings(Tx& tx, const DoctorContext& /*ctx*/, const std::string& after, int limit) {
    std::vector<CheckedRow> rows;
    for (auto& [id, faults] : tx.Select<std::string, std::int64_t>(
             "select id, faults from things where id > :after order by id limit " + std::to_string(limit), {{"after", after}})) {
      CheckedRow& row = rows.emplace_back(CheckedRow{.record = "thing", .id = id});
      for (std::int64_t i = 0; i < faults; ++i) row.Add("G8", "fault " + std::to_string(i));
    }
    return rows;
  }
  // Of a page that ended with row `i` of a check.
  static std::string Token(const std::string& check, int i) { return contract::PageToken({"findings", {}}, {check, Id(i)}); }
  Result<FindingsPage> Page(const std::string& token, std::size_t page_size = 50) {
    Tx tx(session(), true);
    return Examine(tx, checks_, {now_, env_}, token, page_size);
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
  std::vector<NamedCheck> checks_{{"things", &CheckThings}, {"again", &CheckThings}};
};
RENXIN_ON_BOTH_DATABASES(DoctorTest);

TEST_P(DoctorTest, a_page_ends_with_its_rows_and_one_without_findings_goes_on) {
  Add(2'600, {{2'100, 1}});
  struct Step {
    std::size_t findings;
    std::int64_t rows;
    std::string next;
  };
  std::string token;
  // Each check sees all rows: 2,600, and the same again.
  for (const Step& step : std::vector<Step>{{0, 2'000, Token("things", 1'999)}, {1, 2'000, Token("again", 1'399)}, {1, 1'200, ""}}) {
    const auto page = Page(token);
    ASSERT_TRUE(page.ok()) << token;
    EXPECT_EQ(page->findings.size(), step.findings) << token;
    EXPECT_EQ(page->rows, step.rows) << token;
    EXPECT_EQ(page->next_page_token, step.next);
    token = page->next_page_token;
  }
}

TEST_P(DoctorTest, findings_come_once_each_whatever_the_page_and_those_of_a_row_together) {
  Add(40, {{0, 1}, {3, 3}, {4, 1}, {39, 2}});
  const std::vector<Finding> all = FindAll(session(), env_, now_, checks_, 200);
  ASSERT_EQ(all.size(), 14U);
  for (const std::size_t size : {1U, 2U, 3U, 5U}) EXPECT_EQ(FindAll(session(), env_, now_, checks_, size), all) << size;
  const auto second = Page(Token("things", 0), 1);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->findings.size(), 3U);
  EXPECT_EQ(second->next_page_token, Token("things", 3));
}

TEST_P(DoctorTest, a_foreign_page_token_is_refused) {
  for (const std::string& token :
       {std::string("x"), std::string("things"), Token("nothing", 1), contract::PageToken({"leads", {}}, {"things", Id(1)})}) {
    const auto page = Page(token);
    ASSERT_FALSE(page.ok()) << token;
    EXPECT_EQ(page.error().reason, Reason::kInvalidField) << token;
    EXPECT_EQ(page.error().fields.front().field, "page_token") << token;
  }
}

TEST_P(DoctorTest, no_checks_are_no_findings) {
  checks_.clear();
  const auto page = Page("");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->next_page_token, "");
  EXPECT_EQ(page->rows, 0);
}

TEST(CheckedRow, names_the_rule_of_the_domain_or_the_one_it_was_given) {
  struct Case {
    Error refusal;
    const char* rule;
    const char* what;
  };
  for (const Case& c : std::vector<Case>{{InvalidField("at", "G7", "lies ahead"), "G7", "at: lies ahead"},
                                         {InvalidField("name", "required", "is required"), "P9", "name: is required"},
                                         {RuleBroken("refund_of", "L7", "is another's"), "L7", "refund_of: is another's"},
                                         {WrongState("closed"), "P9", "closed"}}) {
    CheckedRow row{.record = "thing", .id = "t1"};
    row.Expect(Status(c.refusal), "P9");
    row.Expect(Status(Ok{}), "P9");
    ASSERT_EQ(row.findings.size(), 1U);
    EXPECT_EQ(row.findings.front(), (Finding{"thing", "t1", c.rule, c.what}));
  }
}

}  // namespace
}  // namespace renxin::runtime
