
#include "services/leads/birthdays/store.h"
#include "services/leads/consents/handlers.h"
#include "services/leads/consents/store.h"
#include "services/leads/contacts/handlers.h"
#include "services/leads/directory/directory.h"
#include "services/leads/marks/handlers.h"
#include "services/leads/wiring.h"
#include "shared/core/text.h"
#include "shared/testing/databases.h"

namespace renxin::leads::customers {
namespace {

using std::chrono::seconds;

class PersonsTest : public renxin::testing::OnServiceTables {
 protected:
  PersonsTest() : OnServiceTables(AllMigrations()) {}
  std::string Add(const std::string& name, const std::string& birthday, const std::string& calendar, bool consent = false,
                  const std::string& source = "") {
    return Do([&](Tx& tx) {
      directory::CustomerDirectory directory(tx, env_, "clerk", now_);
      const Consent marketing{.marketing = consent, .at = std::nullopt, .source = ""};
      const std::string id = directory.Add({name, "+8613800138000", birthday, calendar}, marketing, {0, name}, source).id;
      if (consent) consents::StageFirst(tx, id, Entry(true, 0));
      return id;
    });
  }
  consents::Entry Entry(bool given, std::int64_t at) const { return {{"marketing", given, {at}}, "a form", "1", now_, "somebody"}; }
  contract::Paged<birthdays::Found> PageOn(int year, int month, int day, const std::string& source, int page_size,
                                           const std::string& token) {
    const contract::Page page = *contract::ReadPage(birthdays::kBirthdayList, page_size, token);
    return Do([&](Tx& tx) { return birthdays::Find(tx, env_, BirthdayKeys(MakeDay(year, month, day)), source, page); });
  }
  std::vector<birthdays::Found> On(int year, int month, int day, const std::string& source = "") {
    return PageOn(year, month, day, source, 200, "").rows;
  }
  bool MarketingOf(const std::string& id) {
    return Do([&](Tx& tx) { return *Get(tx, env_, id); }).consent.marketing;
  }
  template <class Req>
  Req For(const std::string& id) {
    Req req;
    req.set_id(id);
    return req;
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
  CallContext ctx_{.now = now_, .caller = {.username = "clerk"}, .scope = {.all = true}, .env = env_};
};
RENXIN_ON_BOTH_DATABASES(PersonsTest);

TEST_P(PersonsTest, N2_birthdays_are_found_by_day_and_follow_the_row) {
  const std::string leap = Add("a", "1992-02-29", "solar");
  const std::string lunar = Add("b", "1990-12-30", "lunar");
  Add("c", "", "");
  EXPECT_EQ(On(2026, 2, 28).size(), 1U);
  EXPECT_EQ(On(2028, 2, 28).size(), 0U);
  ASSERT_EQ(On(2028, 2, 29).size(), 1U);
  EXPECT_EQ(On(2028, 2, 29)[0].customer_id, leap);
  ASSERT_EQ(On(2026, 2, 16).size(), 1U);  // the 29th and last of a short twelfth month
  EXPECT_EQ(On(2026, 2, 16)[0].customer_id, lunar);
  EXPECT_EQ(On(2026, 2, 16)[0].calendar, Calendar::kLunar);
  Do([&](Tx& tx) { return directory::CustomerDirectory(tx, env_, "clerk", now_).Update(lunar, {"b", "", "1990-05-05", "solar"}, {0, "b"}); });
  EXPECT_EQ(On(2026, 2, 16).size(), 0U);
  ASSERT_EQ(On(2026, 5, 5).size(), 1U);
  EXPECT_EQ(On(2026, 5, 5)[0].customer_id, lunar);
}

TEST_P(PersonsTest, N2_birthdays_come_in_pages_and_by_source) {
  std::set<std::string> added;
  for (int i = 0; i < 5; ++i) added.insert(Add("x" + std::to_string(i), "1990-05-05", "", i % 2 == 0, i < 3 ? "till" : "desk"));
  std::set<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    const auto page = PageOn(2026, 5, 5, "", 2, token);
    for (const birthdays::Found& found : page.rows) seen.insert(found.customer_id);
    token = page.next_page_token;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(seen, added);
  EXPECT_EQ(pages, 3);
  const auto till = On(2026, 5, 5, "till");
  EXPECT_EQ(till.size(), 3U);
  EXPECT_EQ(std::count_if(till.begin(), till.end(), [](const auto& one) { return one.marketing_consent; }), 2);
}

TEST_P(PersonsTest, P2_the_latest_by_its_own_time_stands_whatever_comes_when) {
  const std::string id = Add("a", "", "", true);
  EXPECT_TRUE(MarketingOf(id));
  const auto record = [&](bool given, std::int64_t at) {
    Do([&](Tx& tx) {
      consents::Record(tx, id, Entry(given, at));
      return true;
    });
    return MarketingOf(id);
  };
  EXPECT_FALSE(record(false, 100));
  EXPECT_FALSE(record(true, 50));   // an older file row comes late
  EXPECT_FALSE(record(true, 100));  // at the same time: the withdrawal
  EXPECT_TRUE(record(true, 101));
  EXPECT_TRUE(record(true, 101));
  EXPECT_EQ(Do([&](Tx& tx) { return consents::List(tx, id); }).size(), 5U);
}

TEST_P(PersonsTest, P2_a_route_records_and_tells_what_decides) {
  const std::string id = Add("a", "", "");
  auto req = For<v1::RecordConsentRequest>(id);
  req.set_purpose("marketing");
  req.set_decision("given");
  req.set_source("counter");
  req.set_text_version("2");
  const auto given = Do([&](Tx& tx) { return consents::RecordConsent(tx, ctx_, req); });
  ASSERT_TRUE(given);
  ASSERT_EQ(given->current_size(), 1);
  EXPECT_EQ(given->current(0).decision(), "given");
  EXPECT_EQ(given->current(0).by(), "clerk");
  EXPECT_TRUE(MarketingOf(id));
  req.set_at("2027-01-01T00:00:00Z");
  EXPECT_EQ(Do([&](Tx& tx) { return consents::RecordConsent(tx, ctx_, req); }).error().fields.front().field, "at");
  req.set_id(NewId());
  EXPECT_EQ(Do([&](Tx& tx) { return consents::RecordConsent(tx, ctx_, req); }).error().code, Code::kNotFound);
}

TEST_P(PersonsTest, P2_consents_are_facts_that_nobody_changes) {
  const std::string id = Add("a", "", "", true);
  if (GetParam() == "sqlite") {
    EXPECT_ANY_THROW(Do([](Tx& tx) { return tx.Exec("delete from consents"); }));
    Reopen();
  }
  EXPECT_EQ(Do([&](Tx& tx) { return consents::List(tx, id); }).size(), 1U);
}

TEST_P(PersonsTest, N3_marks_have_a_history_and_twice_is_once) {
  const std::string id = Add("王芳", "", "", true);
  auto req = For<v1::MarkCustomerRequest>(id);
  req.set_mark("compassion");
  req.set_set(true);
  req.set_reason("a loss");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Do([&](Tx& tx) { return marks::MarkCustomer(tx, ctx_, req); })->compassion());
  // G6: neither which mark it is nor why lies in the clear.
  const auto stored = Do([&](Tx& tx) {
    return tx.First<std::string, std::string, std::string>(
        "select m.mark, h.to_what, h.why from marks m join history h on h.record_id = m.customer_id");
  });
  ASSERT_TRUE(stored);
  const auto all = std::get<0>(*stored) + std::get<1>(*stored) + std::get<2>(*stored);
  EXPECT_EQ(all.find("compassion"), std::string::npos);
  EXPECT_EQ(all.find("a loss"), std::string::npos);
  v1::GetContactsRequest who;
  who.add_customer_ids(id);
  who.add_customer_ids(NewId());
  const auto contacts = Do([&](Tx& tx) { return contacts::GetContacts(tx, ctx_, who); });
  ASSERT_EQ(contacts->contacts_size(), 1);
  EXPECT_EQ(contacts->contacts(0).name(), "王芳");
  EXPECT_EQ(contacts->contacts(0).phone(), "+8613800138000");
  EXPECT_TRUE(contacts->contacts(0).compassion());
  EXPECT_FALSE(contacts->contacts(0).deceased());
  EXPECT_TRUE(contacts->contacts(0).marketing_consent());
  req.set_set(false);
  req.set_reason("asked for news again");
  const auto marks = Do([&](Tx& tx) { return marks::MarkCustomer(tx, ctx_, req); });
  EXPECT_FALSE(marks->compassion());
  ASSERT_EQ(marks->history_size(), 2);
  EXPECT_EQ(marks->history(0).to(), "compassion");
  EXPECT_EQ(marks->history(1).from(), "compassion");
  EXPECT_EQ(marks->history(1).why(), "asked for news again");
}

}  // namespace
}  // namespace renxin::leads::customers
