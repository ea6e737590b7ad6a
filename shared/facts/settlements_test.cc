#include "shared/facts/settlements.h"

#include <gmock/gmock.h>

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/testing/databases.h"

namespace renxin::facts {
namespace {

using leads::v1::SettlementRecorded;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Zone kZone("Asia/Shanghai");

SettlementRecorded Recorded(const std::string& id, const std::string& settled_at, const std::vector<Fen>& lines) {
  SettlementRecorded event;
  event.set_settlement_id(id);
  event.set_customer_id("c1");
  event.set_version(1);
  event.set_settled_at(settled_at);
  for (const Fen fen : lines) event.add_lines()->set_amount_fen(fen);
  return event;
}

TEST(Settlements, G3_the_day_is_the_hospitals) {
  const auto read = ReadSettlement(kZone, Recorded("s1", "2026-01-31T16:30:00Z", {}));
  ASSERT_TRUE(read);
  EXPECT_EQ(FormatDay(read->settled_on), "2026-02-01");
  EXPECT_EQ(read->settled_at, *ParseTime("2026-02-01T00:30:00+08:00"));
  EXPECT_EQ(SettledOn(*read), db::Value("2026-02-01"));
}

TEST(Settlements, what_is_in_treatment_has_no_day) {
  const auto read = ReadSettlement(kZone, Recorded("s1", "", {100}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->settled_at, std::nullopt);
  EXPECT_EQ(SettledOn(*read), db::Value());
}

TEST(Settlements, the_total_is_that_of_all_lines_and_a_refunds_is_negative) {
  EXPECT_EQ(TotalOf(Recorded("s1", "", {100, 250})), 350);
  EXPECT_EQ(TotalOf(Recorded("s1", "", {-100, -50})), -150);
  EXPECT_EQ(TotalOf(Recorded("s1", "", {})), 0);
}

TEST(Settlements, what_is_malformed_is_refused_with_what_it_lacks) {
  const std::vector<std::pair<std::function<void(SettlementRecorded*)>, const char*>> cases{
      {[](auto* event) { event->clear_settlement_id(); }, "malformed: settlement without id, customer or version"},
      {[](auto* event) { event->clear_customer_id(); }, "malformed: settlement without id, customer or version"},
      {[](auto* event) { event->set_version(0); }, "malformed: settlement without id, customer or version"},
      {[](auto* event) { event->set_settled_at("yesterday"); }, "malformed: settled_at is no time"}};
  for (const auto& [spoil, words] : cases) {
    SettlementRecorded event = Recorded("s1", "2026-02-01T09:00:00Z", {});
    spoil(&event);
    const auto read = ReadSettlement(kZone, event);
    ASSERT_FALSE(read) << words;
    EXPECT_EQ(read.error().message, words);
    EXPECT_EQ(read.error().code, Code::kInvalidArgument);
  }
}

TEST(Settlements, a_table_has_the_common_columns_first) {
  const auto columns = SettlementColumns({"visit_id"});
  const auto values = SettlementValues(*ReadSettlement(kZone, Recorded("s1", "", {})), {1}, {2}, {"v1"});
  ASSERT_EQ(columns.size(), values.size());
  EXPECT_EQ(columns.front(), "settlement_id");
  EXPECT_EQ(columns.back(), "visit_id");
  EXPECT_EQ(values.back(), db::Value("v1"));
}

class SettlementFactsTest : public renxin::testing::OnServiceTables {
 protected:
  SettlementFactsTest() : OnServiceTables({}) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([](Tx& tx) {
      tx.Exec(
          "create table settlement_facts (settlement_id text primary key, version bigint not null, customer_id text not null, settled_on "
          "text, total_fen bigint not null, occurred_at bigint not null, recorded_at bigint not null, body text not null)");
    });
  }
  void Store(const SettlementRecorded& event) {
    const db::InsertSpec spec{.table = kSettlementTable, .columns = SettlementColumns()};
    Do([&](Tx& tx) { tx.Stage(spec, SettlementValues(*ReadSettlement(kZone, event), {1}, {2})); });
  }
};
RENXIN_ON_BOTH_DATABASES(SettlementFactsTest);

TEST_P(SettlementFactsTest, rows_are_read_back_and_what_cannot_be_read_is_reported) {
  Store(Recorded("s1", "2026-02-01T09:00:00Z", {100}));
  Store(Recorded("s2", "", {100}));
  for (const char* id : {"s3", "s4", "s5"}) Store(Recorded(id, "2026-02-01T09:00:00Z", {100}));
  Do([](Tx& tx) {
    tx.Exec("update settlement_facts set body = '!' where settlement_id = 's3'");
    tx.Exec("update settlement_facts set settled_on = '2026-02-30' where settlement_id = 's4'");
    tx.Exec("update settlement_facts set customer_id = 'c2' where settlement_id = 's5'");
  });
  std::vector<db::UnreadableRow> unreadable;
  const auto read = Do([&](Tx& tx) { return SettlementsOf(tx, {"c1"}, &unreadable); });
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].event->settlement_id(), "s1");
  EXPECT_EQ(FormatDay(read[0].settled_on), "2026-02-01");
  EXPECT_EQ(read[0].settled_at, *ParseTime("2026-02-01T09:00:00Z"));
  EXPECT_EQ(read[1].event->settlement_id(), "s2");
  EXPECT_EQ(read[1].settled_at, std::nullopt);
  EXPECT_THAT(unreadable, ElementsAre(db::UnreadableRow{"settlement_facts", "s3"}, db::UnreadableRow{"settlement_facts", "s4"}));
}

TEST_P(SettlementFactsTest, the_doctor_finds_them_too) {
  const privacy::Sealer sealer{privacy::ServiceKeys::Generate()};
  const Environment env{sealer, kZone};
  Store(Recorded("s1", "2026-02-01T09:00:00Z", {100}));
  const auto findings = [&] {
    std::vector<std::string> out;
    Do([&](Tx& tx) {
      for (const auto& row : SettlementsCheck("M1").check(tx, {.now = {}, .env = env}, "", 10)) {
        for (const auto& finding : row.findings) out.push_back(finding.id + " " + finding.rule + " " + finding.what);
      }
    });
    return out;
  };
  EXPECT_THAT(findings(), IsEmpty());
  Do([](Tx& tx) { tx.Exec("update settlement_facts set body = '!', settled_on = 'today'"); });
  EXPECT_THAT(findings(), ElementsAre("s1 M1 body: cannot be read", "s1 G3 settled_on: cannot be read as a day"));
}

}  // namespace
}  // namespace renxin::facts
