#include "services/cli/statement.h"

#include <map>

#include "services/cli/verify.h"
#include "shared/core/money.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

std::string Path(const std::string& period, const std::string& payee_id) {
  return "/v1/statements/" + PercentEncode(period) + "/" + PercentEncode(payee_id);
}

json::object Rows(Api& api, const StatementOptions& options) {
  return api.GetAll("/v1/statements/" + PercentEncode(options.period), {{"imported_from", options.source}}, "statements");
}

// A payee's number is an outside system's; the id is the suite's.
std::string PayeeId(Api& api, const StatementOptions& options) {
  if (IsUuid(options.payee)) return options.payee;
  const json::object rows = Rows(api, options);
  std::vector<std::string> found;
  for (const json::value& row : List(rows, "statements")) {
    if (Text(row.as_object(), "staff_no") == options.payee) found.push_back(Text(row.as_object(), "payee_id"));
  }
  if (found.empty()) throw CliError(Exit::kNotThere, "no statement of " + options.payee + " in " + options.period);
  if (found.size() > 1) throw CliError(Exit::kUsage, options.payee + " is a number of several systems: say which with --source");
  return found.front();
}

std::string Money(const json::object& object, std::string_view key) { return FormatYuan(Int(object, key)); }

// 50000.00 × 5 % + 1.00 × 6 %
std::string Parts(const json::object& line) {
  std::vector<std::string> parts;
  for (const json::value& value : List(line, "parts")) {
    const json::object& part = value.as_object();
    parts.push_back(Money(part, "amount_fen") + " × " + FormatRate(Int(part, "rate_bp")));
  }
  return Join(parts, " + ");
}

// Of a statement, or of a period's list.
std::string StateText(const json::object& answer) {
  if (Flag(answer, "history")) return "history, not paid 历史，不结算";
  return Flag(answer, "locked") ? "locked 已锁定" : "open 未锁定";
}

std::string UnreadableText(const json::object& answer) {
  std::string text;
  for (const json::value& row : List(answer, "unreadable_rows"))
    text += "MISSING a stored row cannot be read 数据无法读取: " + Harmless(std::string_view(row.as_string())) + "\n";
  return text;
}

void AddLine(const json::object& line, Table* table) {
  const std::string rule = Text(line, "rule");
  if (rule == "C13") {
    table->Row({rule, "", "corrects 更正 " + Text(line, "corrects_period"), "", "", "",
                Money(line, "should_be_fen") + " - " + Money(line, "was_fen"), Money(line, "amount_fen")});
  } else {
    const std::string plan = Text(line, "plan") + " v" + std::to_string(Int(line, "plan_version"));
    table->Row({rule, plan, Text(line, "category"), Money(line, "own_fen"), Money(line, "carried_in_fen"), Money(line, "base_fen"),
                Parts(line), Money(line, "amount_fen")});
  }
  if (const std::string words = Text(line, "explanation"); !words.empty()) table->PrintInfo(words);
}

}  // namespace

std::string StatementText(const json::object& statement) {
  std::string text = "statement 结算单 " + Harmless(Text(statement, "period")) + "  " + Harmless(Text(statement, "staff_no"));
  if (const std::string source = Text(statement, "source"); !source.empty()) text += " of " + Harmless(source);
  text += "  " + StateText(statement) + "\n";
  text += "performance 业绩 " + Money(statement, "performance_fen") + " yuan 元, from " + std::to_string(Int(statement, "source_count")) +
          " settlement lines 结算明细\n\n";
  Table table({{"rule 规则"},
               {"plan 方案"},
               {"category 类别"},
               {"own 本期", Align::kRight},
               {"carried in 结转", Align::kRight},
               {"base 基数", Align::kRight},
               {"parts 分段", Align::kRight},
               {"commission 提成", Align::kRight}});
  for (const json::value& line : List(statement, "lines")) AddLine(line.as_object(), &table);
  table.Rule();
  table.Row({"total 合计", "", "", "", "", "", "", Money(statement, "commission_fen")});
  text += table.ToText();
  for (const json::value& left_out : List(statement, "not_covered")) {
    text += "not covered yet 未包含: " + Harmless(std::string_view(left_out.as_string())) + "\n";
  }
  text += UnreadableText(statement);
  return text + "hash " + Harmless(Text(statement, "hash")) + "\n";
}

Exit ShowStatement(Api& api, Console& console, const StatementOptions& options) {
  const json::object statement = api.Get(Path(options.period, PayeeId(api, options)));
  console.Result(statement, StatementText(statement));
  return Exit::kOk;
}

Exit ListStatements(Api& api, Console& console, const StatementOptions& options) {
  const json::object answer = Rows(api, options);
  Table table({{"payee 人员"}, {"plan 方案"}, {"performance 业绩", Align::kRight}, {"lines 明细"}, {"commission 提成", Align::kRight}});
  std::int64_t sum = 0;
  std::multimap<std::string, const json::object*> by_number;
  for (const json::value& value : List(answer, "statements")) by_number.emplace(Text(value.as_object(), "staff_no"), &value.as_object());
  for (const auto& [number, found] : by_number) {
    const json::object& row = *found;
    std::vector<std::string> totals;
    for (const json::value& total : List(row, "totals"))
      totals.push_back(Text(total.as_object(), "rule") + " " + Money(total.as_object(), "amount_fen"));
    table.Row({number, Text(row, "plan"), Money(row, "performance_fen"), Join(totals, ", "), Money(row, "commission_fen")});
    sum += Int(row, "commission_fen");
  }
  table.Rule();
  table.Row({"total 合计", "", "", "", FormatYuan(sum)});
  console.Result(answer, "statements 结算单 " + options.period + "  " + StateText(answer) + "\n" + table.ToText() + UnreadableText(answer));
  return Exit::kOk;
}

Exit CheckStatement(Api& api, Console& console, const StatementOptions& options) {
  const std::string path = Path(options.period, PayeeId(api, options));
  json::object statement = api.Get(path);
  json::array sources;
  // Pages are read one after the other: when a settlement came in between, begin again.
  for (int round = 0; round < 3; ++round) {
    sources = List(api.GetAll(path + "/sources", {}, "sources"), "sources");
    json::object after = api.Get(path);
    const bool same = Text(after, "hash") == Text(statement, "hash");
    statement = std::move(after);
    if (same) break;
  }
  const std::vector<std::string> differences = VerifyStatement(statement, sources);
  json::object result{{"period", options.period},
                      {"staff_no", Text(statement, "staff_no")},
                      {"ok", differences.empty()},
                      {"sources", sources.size()},
                      {"differences", json::value_from(differences)}};
  std::string text;
  for (const std::string& difference : differences) text += "DIFFERS " + Harmless(difference) + "\n";
  if (differences.empty()) {
    text = "OK " + options.period + " " + options.payee + ": " + Money(statement, "commission_fen") + " yuan worked out again from " +
           std::to_string(sources.size()) + " settlement lines\n";
  }
  console.Result(result, text);
  return differences.empty() ? Exit::kOk : Exit::kDiffers;
}

}  // namespace renxin::cli
