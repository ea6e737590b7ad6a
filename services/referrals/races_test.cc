// Imports and events of referrals that collide on two replicas.

#include "renxin/identity/v1/identity_events.pb.h"
#include "services/referrals/recognitions/imports.h"
#include "services/referrals/recognitions/reactions.h"
#include "services/referrals/recognitions/store.h"
#include "services/referrals/wiring.h"
#include "shared/core/text.h"
#include "shared/intake/apply.h"
#include "shared/runtime/roster.h"
#include "shared/testing/databases.h"
#include "shared/testing/race.h"

namespace renxin::referrals {
namespace {

using renxin::testing::Race;

class RacesTest : public renxin::testing::OnServiceTables {
 protected:
  RacesTest() : OnServiceTables(AllMigrations()) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([&](Tx& tx) {
      for (const char* no : {"R1", "R2"}) {
        identity::v1::StaffChanged staff;
        staff.set_staff_id(std::string("rep-") + no);
        staff.set_source("till");
        staff.set_staff_no(no);
        staff.set_version(1);
        EXPECT_TRUE(runtime::OnStaffChanged(tx, Event(), staff));
      }
    });
  }
  EventContext Event() { return {.now = now_, .event_id = NewId(), .aggregate_id = "", .env = env_}; }
  void Known(const std::string& no) {
    Do([&](Tx& tx) { db::StoreAlias(tx, "customers", "till", no, "id-" + no, 1); });
  }
  struct Line {
    std::string no;
    std::string customer;
    std::string rep = "R1";
    int share_bp = 0;
    std::int64_t line = 2;
  };
  std::string NewOperation() {
    return Do([&](Tx& tx) {
      intake::store::Import op{.id = NewId(), .kind = "attributions", .source = "till"};
      intake::store::Insert(tx, op);
      return op.id;
    });
  }
  void Import(Tx& tx, const std::string& operation, const std::vector<Line>& lines) {
    intake::Engine engine("referrals");
    engine.Add(recognitions::ImportKind());
    const intake::KindSpec& kind = *engine.Find("attributions");
    std::vector<intake::Record> records;
    for (const Line& line : lines) {
      intake::Row row{.line = line.line, .cells = std::vector<std::string>(kind.columns.size())};
      const std::map<std::string, std::string> cells{{"attribution_no", line.no},
                                                     {"customer_no", line.customer},
                                                     {"rep_no", line.rep},
                                                     {"from", "2026-01-01"},
                                                     {"share_bp", std::to_string(line.share_bp)}};
      for (const auto& [column, cell] : cells) row.cells[static_cast<std::size_t>(kind.IndexOf(column))] = cell;
      records.push_back({.no = line.no, .rows = {row}, .target_id = ""});
    }
    auto op = *intake::store::Load(tx, operation, true);
    intake::ApplyRecords(tx, engine, kind, op, std::move(records), env_, now_);
    intake::store::Save(tx, op);
  }
  std::int64_t Number(const std::string& sql) {
    return Do([&](Tx& tx) { return std::get<0>(*tx.First<std::int64_t>("select cast((" + sql + ") as bigint)")); });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
};
RENXIN_ON_BOTH_DATABASES(RacesTest);

TEST_P(RacesTest, L11_two_files_with_shares_of_one_customer_never_come_to_more_than_the_whole) {
  Known("K1");
  const std::string a = NewOperation();
  const std::string b = NewOperation();
  Race(
      url(), "from recognitions where kind = 1", [&](Tx& tx) { Import(tx, a, {{.no = "A1", .customer = "K1", .share_bp = 6'000}}); },
      [&](Tx& tx) { Import(tx, b, {{.no = "B1", .customer = "K1", .rep = "R2", .share_bp = 6'000}}); });
  EXPECT_EQ(Number("select sum(share_bp) from recognitions"), 6'000);
  EXPECT_EQ(Number("select count(*) from refused_rows"), 1);
}

// 300 customers with ten shares of 1,000 each, listed share by share: every customer recurs ten times, far apart.
TEST_P(RacesTest, L11_sound_shares_of_many_customers_are_all_taken) {
  std::vector<Line> lines;
  for (int share = 0; share < 10; ++share) {
    for (int customer = 0; customer < 300; ++customer) {
      const std::string no = "K" + std::to_string(customer);
      if (share == 0) Known(no);
      lines.push_back(
          {.no = no + "-" + std::to_string(share), .customer = no, .share_bp = 1'000, .line = static_cast<int>(lines.size()) + 2});
    }
  }
  const std::string operation = NewOperation();
  for (std::size_t at = 0; at < lines.size(); at += 500) {
    Do([&](Tx& tx) { Import(tx, operation, {lines.begin() + static_cast<long>(at), lines.begin() + static_cast<long>(at) + 500}); });
  }
  EXPECT_EQ(Number("select count(*) from refused_rows"), 0);
  EXPECT_EQ(Number("select count(*) from recognitions"), 3'000);
}

// G2: ties go to the first listed: by the order the files were begun in, then by line; a row that comes again keeps its rank.
TEST_P(RacesTest, G2_places_follow_the_order_of_the_files_then_the_line) {
  Known("K1");
  const std::string first = NewOperation();
  const std::string second = NewOperation();
  Do([&](Tx& tx) { Import(tx, second, {{.no = "B", .customer = "K1", .share_bp = 1'000, .line = 2}}); });
  Do([&](Tx& tx) {
    Import(tx, first,
           {{.no = "A1", .customer = "K1", .share_bp = 1'000, .line = 9}, {.no = "A2", .customer = "K1", .share_bp = 1'000, .line = 10}});
  });
  const std::string third = NewOperation();
  Do([&](Tx& tx) { Import(tx, third, {{.no = "A1", .customer = "K1", .share_bp = 2'000, .line = 2}}); });
  std::vector<std::int64_t> shares;
  Do([&](Tx& tx) {
    for (auto& [share] : tx.Select<std::int64_t>("select share_bp from recognitions order by rank limit 10")) shares.push_back(share);
  });
  EXPECT_EQ(shares, (std::vector<std::int64_t>{2'000, 1'000, 1'000}));
}

// What is stored of it cannot be read, so nobody knows whose it was: that row fails, the others of its file are taken.
TEST_P(RacesTest, L11_a_row_whose_recognition_cannot_be_read_is_refused_alone) {
  Known("K1");
  const std::string first = NewOperation();
  Do([&](Tx& tx) { Import(tx, first, {{.no = "A1", .customer = "K1", .share_bp = 1'000}}); });
  Do([&](Tx& tx) { tx.Exec("update recognitions set from_day = 'no day'"); });
  const std::string second = NewOperation();
  Do([&](Tx& tx) {
    Import(tx, second, {{.no = "A1", .customer = "K1", .share_bp = 2'000}, {.no = "A2", .customer = "K1", .share_bp = 1'000, .line = 3}});
  });
  EXPECT_EQ(Number("select count(*) from refused_rows"), 1);
  EXPECT_EQ(Number("select count(*) from recognitions where from_day <> 'no day'"), 1);
}

TEST_P(RacesTest, R4_two_versions_of_a_visit_make_one_recognition) {
  const auto hear = [&](std::int64_t version, const std::string& rep) {
    return [&, version, rep](Tx& tx) {
      leads::v1::VisitRegistered visit;
      visit.set_visit_id("V1");
      visit.set_customer_id("customer");
      visit.set_arrived_at("2026-02-16T09:00:00Z");
      visit.set_rep_id(rep);
      visit.set_version(version);
      EXPECT_TRUE(recognitions::OnVisitRegistered(tx, Event(), visit));
    };
  };
  Race(url(), "into desk_visits", hear(1, "rep-R1"), hear(2, "rep-R2"));
  EXPECT_EQ(Number("select count(*) from recognitions"), 1);
  EXPECT_EQ(Number("select count(*) from recognitions where rep_id = 'rep-R2'"), 1);
}

}  // namespace
}  // namespace renxin::referrals
