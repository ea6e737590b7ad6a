// Settlements as they stand, their lines, and what they refund.

#include <map>

#include "services/leads/doctor/doctor.h"
#include "services/leads/settlements/relations_store.h"
#include "shared/db/rows.h"

namespace renxin::leads::doctor {
namespace {

using settlements::Settlement;

const db::Rows<Settlement> kSettlements("settlements", {{"id", &Settlement::id},
                                                        {"kind", &Settlement::kind},
                                                        {"refund_of", &Settlement::refund_of},
                                                        {"customer_id", &Settlement::customer_id},
                                                        {"department", &Settlement::department},
                                                        {"payer", &Settlement::payer},
                                                        {"course_no", &Settlement::course_no},
                                                        {"activity", &Settlement::activity},
                                                        {"occurred_at", &Settlement::occurred_at},
                                                        {"settled_at", &Settlement::settled_at}});

// The lines that stand.
void LoadLines(Tx& tx, const std::vector<std::string>& ids, std::vector<Settlement>* page) {
  std::map<std::string, std::vector<settlements::Line>> lines;
  for (auto& [id, line_no, category, amount, quantity] : tx.SelectIn<std::string, std::string, std::string, std::int64_t, std::int64_t>(
           "select l.settlement_id, l.line_no, l.category, l.amount_fen, l.quantity from settlement_lines l join settlements s on "
           "s.id = l.settlement_id and s.version = l.version where l.settlement_id in (:keys) order by l.settlement_id, l.line_no",
           ids)) {
    lines[id].push_back({line_no, category, amount, quantity});
  }
  for (Settlement& s : *page) s.lines = std::move(lines[s.id]);
}

std::vector<std::string> CategoriesOf(const Settlement& s) {
  std::vector<std::string> out;
  out.reserve(s.lines.size());
  for (const settlements::Line& line : s.lines) out.push_back(line.category);
  return out;
}

}  // namespace

std::vector<CheckedRow> CheckSettlements(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<Settlement> page =
      kSettlements.Select(tx, "where id > :after order by id limit " + std::to_string(limit), {{"after", after}});
  std::vector<std::string> ids;
  ids.reserve(2 * page.size());
  for (const Settlement& s : page) ids.push_back(s.id);
  LoadLines(tx, ids, &page);
  for (const Settlement& s : page) {
    if (!s.refund_of.empty()) ids.push_back(s.refund_of);
  }
  const settlements::Relations relations(tx, ids, settlements::Relations::Hold::kNone);
  std::vector<CheckedRow> rows;
  for (const Settlement& s : page) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "settlement", .id = s.id});
    row.Expect(settlements::CheckHead({s.department, s.payer, s.course_no, s.activity, s.occurred_at, s.settled_at}, {s.payer}, ctx.now,
                                      EntryPath::kFile),
               "L7");
    row.Expect(settlements::Check(s.kind, s.lines, CategoriesOf(s)), "L7");
    row.Expect(relations.Check(s), "L7");
  }
  return rows;
}

}  // namespace renxin::leads::doctor
