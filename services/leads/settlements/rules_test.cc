#include "services/leads/settlements/rules.h"

#include <gtest/gtest.h>

#include <functional>

namespace renxin::leads::settlements {
namespace {

const std::vector<std::string> kCategories{"other", "checkup"};

struct CheckCase {
  const char* name;
  Kind kind;
  std::vector<Line> lines;
  const char* field;  // empty: sound
};

TEST(Settlements, L7_all_lines_or_none) {
  const std::vector<CheckCase> cases{
      {"sound sale", Kind::kSale, {{"1", "other", 100}, {"2", "checkup", -5}}, ""},
      {"sound refund", Kind::kRefund, {{"1", "other", -100}, {"2", "other", 0}}, ""},
      {"refund above zero", Kind::kRefund, {{"1", "other", -1}, {"2", "other", 1}}, "lines[1].amount_fen"},
      {"line twice", Kind::kSale, {{"1", "other", 1}, {"1", "other", 1}}, "lines[1].line_no"},
      {"unknown category", Kind::kSale, {{"1", "other", 1}, {"2", "magic", 1}}, "lines[1].category"},
  };
  for (const CheckCase& c : cases) {
    const auto result = Check(c.kind, c.lines, kCategories);
    EXPECT_EQ(result.ok() ? "" : result.error().fields.front().field, c.field) << c.name;
  }
}

TEST(Settlements, G7_what_was_settled_has_happened) {
  const Instant now = *ParseTime("2026-05-10T10:00:00+08:00");
  struct HeadCase {
    const char* occurred_at;
    const char* settled_at;  // empty: in treatment
    const char* payer;
    const char* by_route;
    const char* by_file;
  };
  for (const HeadCase& c : {
           HeadCase{"2026-05-10T09:00:00+08:00", "2026-05-10T09:30:00+08:00", "self", "", ""},
           HeadCase{"2026-05-10T09:00:00+08:00", "", "", "", ""},
           HeadCase{"2026-05-10T09:00:00+08:00", "2026-05-10T10:01:00+08:00", "self", "", ""},
           HeadCase{"2026-05-10T09:00:00+08:00", "2026-05-10T10:01:01+08:00", "self", "settled_at", ""},
           HeadCase{"2026-05-10T09:00:00+08:00", "2026-05-11T10:00:00+08:00", "self", "settled_at", ""},
           HeadCase{"2026-05-10T09:00:00+08:00", "2026-05-11T10:00:01+08:00", "self", "settled_at", "settled_at"},
           HeadCase{"9999-12-31T23:59:59Z", "", "self", "occurred_at", "occurred_at"},
           HeadCase{"1800-01-01T00:00:00+14:00", "", "self", "occurred_at", "occurred_at"},
           HeadCase{"2026-05-10T09:00:00+08:00", "", "uncle", "payer", "payer"},
       }) {
    Head head{.payer = c.payer, .occurred_at = *ParseTime(c.occurred_at)};
    if (*c.settled_at != '\0') head.settled_at = *ParseTime(c.settled_at);
    const auto field = [&](EntryPath path) {
      const auto checked = CheckHead(head, {"self"}, now, path);
      return checked ? std::string() : checked.error().fields.front().field;
    };
    EXPECT_EQ(field(EntryPath::kRoute), c.by_route) << c.occurred_at << " " << c.settled_at;
    EXPECT_EQ(field(EntryPath::kFile), c.by_file) << c.occurred_at << " " << c.settled_at;
  }
}

constexpr Instant At(int minute) { return {std::int64_t{minute} * 60'000'000}; }

TEST(Settlements, L7_a_refund_reaches_what_it_names) {
  const Related sale{.id = "s", .kind = Kind::kSale, .customer_id = "a", .occurred_at = At(10), .total = 10'000, .refund_of = ""};
  const Related refund{.id = "r", .kind = Kind::kRefund, .customer_id = "a", .occurred_at = At(20), .total = -10'000, .refund_of = "s"};
  struct Case {
    const char* name;
    std::function<void(Related& refund, std::optional<Related>& named, Refunds& others)> change;
    const char* field;  // empty: sound
  };
  const std::vector<Case> cases{
      {"all of it", [](Related&, auto&, Refunds&) {}, ""},
      {"a fen more than it", [](Related& r, auto&, Refunds&) { r.total = -10'001; }, "refund_of"},
      {"what is left",
       [](Related& r, auto&, Refunds& o) {
         r.total = -4'000, o = {2, -6'000, At(11), "a"};
       },
       ""},
      {"a fen more than what is left",
       [](Related& r, auto&, Refunds& o) {
         r.total = -4'001, o = {2, -6'000, At(11), "a"};
       },
       "refund_of"},
      {"nothing, of what is used up",
       [](Related& r, auto&, Refunds& o) {
         r.total = 0, o = {1, -10'000, At(11), "a"};
       },
       ""},
      {"at the sale's own time", [](Related& r, auto&, Refunds&) { r.occurred_at = At(10); }, ""},
      {"before its sale", [](Related& r, auto&, Refunds&) { r.occurred_at = At(9); }, "occurred_at"},
      {"of another customer", [](Related&, auto& n, Refunds&) { n->customer_id = "b"; }, "refund_of"},
      {"of a refund", [](Related&, auto& n, Refunds&) { n->kind = Kind::kRefund; }, "refund_of"},
      {"of itself", [](Related& r, auto& n, Refunds&) { n = r; }, "refund_of"},
      {"unlinked", [](Related& r, auto& n, Refunds&) { n.reset(), r.refund_of = ""; }, ""},
      {"a sale that names one", [](Related& r, auto&, Refunds&) { r.kind = Kind::kSale, r.total = 5; }, "refund_of"},
  };
  for (const Case& c : cases) {
    Related r = refund;
    std::optional<Related> named = sale;
    Refunds others;
    c.change(r, named, others);
    const auto status = CheckRelations(r, named, others, {});
    EXPECT_EQ(status.ok() ? "" : status.error().fields.front().field, c.field) << c.name;
  }
}

TEST(Settlements, L7_what_was_refunded_stays_so) {
  const Related sale{.id = "s", .kind = Kind::kSale, .customer_id = "a", .occurred_at = At(10), .total = 10'000, .refund_of = ""};
  const Refunds refunds{2, -6'000, At(20), "a"};
  struct Case {
    const char* name;
    std::function<void(Related&)> change;
    const char* field;
  };
  const std::vector<Case> cases{
      {"as it was", [](Related&) {}, ""},
      {"down to what was refunded", [](Related& s) { s.total = 6'000; }, ""},
      {"a fen below it", [](Related& s) { s.total = 5'999; }, "lines"},
      {"another customer's", [](Related& s) { s.customer_id = "b"; }, "customer_id"},
      {"a refund", [](Related& s) { s.kind = Kind::kRefund; }, "kind"},
      {"at the time of its first refund", [](Related& s) { s.occurred_at = At(20); }, ""},
      {"after it", [](Related& s) { s.occurred_at = At(21); }, "occurred_at"},
  };
  for (const Case& c : cases) {
    Related s = sale;
    c.change(s);
    const auto status = CheckRelations(s, std::nullopt, {}, refunds);
    EXPECT_EQ(status.ok() ? "" : status.error().fields.front().field, c.field) << c.name;
    EXPECT_TRUE(CheckRelations(s, std::nullopt, {}, {})) << c.name << ", of which nothing was refunded";
  }
}

TEST(Settlements, G1_total_is_the_sum) { EXPECT_EQ(Total({{"1", "other", 100}, {"2", "other", -1}}), 99); }

}  // namespace
}  // namespace renxin::leads::settlements
