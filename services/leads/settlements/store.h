#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/leads/settlements/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"
#include "shared/runtime/day_range.h"

namespace renxin::leads::settlements {

struct Settlement {
  std::string id;
  std::string source;
  std::string settlement_no;
  Kind kind = Kind::kSale;
  std::string refund_of;
  std::string customer_id;
  std::string visit_id;
  std::string department;
  std::string doctor_id;
  std::string payer;
  std::string course_no;
  std::string activity;
  Instant occurred_at;
  std::optional<Instant> settled_at;
  std::vector<Line> lines;
  std::int64_t version = 1;
};

// With history and the event settlement_recorded. Staged.
void Insert(Tx& tx, const Environment& env, const Settlement& settlement, std::string_view by, Instant now);
// The same number with other content: a new version; the lines of the old one stay.
void Replace(Tx& tx, const Environment& env, Settlement settlement, std::string_view by, Instant now);
std::optional<Settlement> Get(Tx& tx, const std::string& id);
struct ListFilter {
  std::string customer_id;
  runtime::DayRange days;
  std::optional<Kind> kind;
};
inline const contract::List kSettlementList{"settlements", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}};
// The latest first.
contract::Paged<Settlement> List(Tx& tx, const ListFilter& filter, const contract::Page& page);
std::optional<std::string> FindByNumber(Tx& tx, const std::string& source, const std::string& number);

// visit → customer of the settlements that name it.
std::map<std::string, std::string> CustomersByVisit(Tx& tx, const std::vector<std::string>& visit_ids);

// The earliest settled sale of each customer at or after each time: has this lead been won?
struct SettledSale {
  std::string customer_id;
  Instant settled_at;
};
std::vector<SettledSale> LastSales(Tx& tx, const std::vector<std::string>& customers);

struct MonthSum {
  std::string month;
  Fen sales = 0;
  Fen refunds = 0;
  std::int64_t settlements = 0;
  std::int64_t refund_count = 0;
};
std::vector<MonthSum> ByMonth(Tx& tx, const std::string& source);
std::int64_t CustomersBelowZero(Tx& tx, const std::string& source);
struct Ranked {
  std::string customer_id;
  Fen net = 0;
};
std::vector<Ranked> Rank(Tx& tx, const std::string& source, int count);

struct DayTotal {
  std::string day;
  std::int64_t count = 0;
  Fen net = 0;
  std::int64_t versions = 0;
};
// C13: by day of settling in the month.
std::vector<DayTotal> ControlTotals(Tx& tx, const std::string& month);

}  // namespace renxin::leads::settlements
