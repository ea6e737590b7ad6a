#include "services/cli/verify.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "services/cli/digest.h"
#include "shared/core/money.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

__extension__ using Wide = __int128;  // NOLINT: a product of fen and a rate leaves 64 bits

// numerator ÷ 10,000, half away from zero.
std::int64_t RoundBp(Wide numerator) {
  const Wide magnitude = numerator < 0 ? -numerator : numerator;
  const Wide rounded = (magnitude + 5'000) / 10'000;
  return static_cast<std::int64_t>(numerator < 0 ? -rounded : rounded);
}

class Verifier {
 public:
  Verifier(const json::object& statement, const json::array& sources) : statement_(statement), sources_(sources) {}

  std::vector<std::string> Run() {
    for (const json::value& line : List(statement_, "lines")) {
      if (!Text(line.as_object(), "category").empty()) item_rules_.insert(Text(line.as_object(), "rule"));
    }
    Same("number of sources", Int(statement_, "source_count"), static_cast<std::int64_t>(sources_.size()), false);
    for (const json::value& source : sources_) Credit(source.as_object());
    Same("performance", Int(statement_, "performance_fen"), performance_);
    std::int64_t number = 0;
    for (const json::value& line : List(statement_, "lines")) Line(line.as_object(), ++number);
    OwnAmounts();
    Same("commission", Int(statement_, "commission_fen"), commission_);
    Totals();
    if (Text(statement_, "hash") != StatementHash(statement_, sources_)) Differ("hash: it is not that of these figures and sources");
    return std::move(differences_);
  }

 private:
  using Rule = std::pair<std::string, std::string>;  // rule and category

  void Differ(const std::string& text) { differences_.push_back(text); }

  void Same(const std::string& what, std::int64_t stated, std::int64_t worked_out, bool money = true) {
    if (stated == worked_out) return;
    const auto show = [&](std::int64_t value) { return money ? FormatYuan(value) : std::to_string(value); };
    Differ(what + ": the statement says " + show(stated) + ", worked out " + show(worked_out));
  }

  // A rule of item rates (C8) has a line per category, a table one for all of them.
  Rule RuleOf(const json::object& object) const {
    const std::string rule = Text(object, "rule");
    return {rule, item_rules_.count(rule) > 0 ? Text(object, "category") : ""};
  }

  // A share of a line: the payee's part is the exact one rounded down or up, the remainder of a split goes
  // fen by fen by rank (G2), which other payees' shares decide. Somebody with two shares rounds twice.
  void Credit(const json::object& source) {
    const std::int64_t line = Int(source, "line_fen");
    const std::int64_t credited = Int(source, "credited_fen");
    const std::int64_t share = Int(source, "share_bp");
    const Wide off = static_cast<Wide>(credited) * 10'000 - static_cast<Wide>(line) * share;
    const Wide allowed = share == 10'000 ? 0 : 19'999;
    if (off < -allowed || off > allowed) {
      Differ("settlement " + Text(source, "settlement_no") + " line " + Text(source, "line_no") + ": " + FormatYuan(credited) +
             " is no share of " + std::to_string(share) + " bp of " + FormatYuan(line));
    }
    performance_ += credited;
    own_of_sources_[RuleOf(source)] += credited;
  }

  void Line(const json::object& line, std::int64_t number) {
    const std::string rule = Text(line, "rule");
    const std::string what = "line " + std::to_string(number) + " (" + rule + ")";
    const std::int64_t amount = Int(line, "amount_fen");
    commission_ += amount;
    totals_[rule] += amount;
    if (rule == "C13") {
      Same(what + " amount", amount, Int(line, "should_be_fen") - Int(line, "was_fen"));
      return;
    }
    own_of_lines_[RuleOf(line)] += Int(line, "own_fen");
    const std::int64_t base = Int(line, "own_fen") + Int(line, "carried_in_fen");
    Same(what + " base", Int(line, "base_fen"), base);
    Same(what + " carried out", Int(line, "carried_out_fen"), base < 0 ? base : 0);
    Same(what + " amount", amount, base > 0 ? FromParts(line, base, what) : 0);
  }

  // The parts begin at zero, leave no gap and add up to the base; a slab or a plain rate has one.
  std::int64_t FromParts(const json::object& line, std::int64_t base, const std::string& what) {
    const json::array& parts = List(line, "parts");
    const bool marginal = EnumText(line, "mode", "TABLE_MODE_") == "marginal";
    if (parts.empty()) Differ(what + ": no parts for a base of " + FormatYuan(base));
    if (!marginal && parts.size() > 1) Differ(what + ": more than one part, but the table is no marginal one");
    Wide sum = 0;
    std::int64_t covered = 0;
    for (const json::value& value : parts) {
      const json::object& part = value.as_object();
      if (marginal) Same(what + " part from", Int(part, "from_fen"), covered);
      covered += Int(part, "amount_fen");
      sum += static_cast<Wide>(Int(part, "amount_fen")) * Int(part, "rate_bp");
    }
    if (!parts.empty()) Same(what + " sum of parts", covered, base);
    return RoundBp(sum);
  }

  // Two versions of a plan in one period make two lines of one rule; the sources tell the rule only.
  void OwnAmounts() {
    for (const auto& [rule, own] : own_of_lines_) {
      const auto found = own_of_sources_.find(rule);
      Same(rule.first + (rule.second.empty() ? "" : " " + rule.second) + " own amount", own,
           found == own_of_sources_.end() ? 0 : found->second);
    }
    for (const auto& [rule, own] : own_of_sources_) {
      if (own_of_lines_.count(rule) == 0 && own != 0 && !rule.first.empty()) {
        Differ(rule.first + (rule.second.empty() ? "" : " " + rule.second) + ": " + FormatYuan(own) + " of sources, but no line");
      }
    }
  }

  void Totals() {
    for (const json::value& value : List(statement_, "totals")) {
      const json::object& total = value.as_object();
      const std::string rule = Text(total, "rule");
      Same("total of " + rule, Int(total, "amount_fen"), totals_.count(rule) > 0 ? totals_[rule] : 0);
      totals_.erase(rule);
    }
    for (const auto& [rule, amount] : totals_) {
      if (amount != 0) Differ("total of " + rule + " is missing: " + FormatYuan(amount));
    }
  }

  const json::object& statement_;
  const json::array& sources_;
  std::vector<std::string> differences_;
  std::int64_t performance_ = 0;
  std::int64_t commission_ = 0;
  std::set<std::string> item_rules_;
  std::map<Rule, std::int64_t> own_of_sources_;
  std::map<Rule, std::int64_t> own_of_lines_;
  std::map<std::string, std::int64_t> totals_;
};

std::string Fields(const json::object& object, const std::vector<std::string_view>& texts, const std::vector<std::string_view>& numbers) {
  std::vector<std::string> fields;
  fields.reserve(texts.size() + numbers.size());
  for (const std::string_view key : texts) fields.push_back(Text(object, key));
  for (const std::string_view key : numbers) fields.push_back(std::to_string(Int(object, key)));
  return Join(fields, "|");
}

}  // namespace

std::string StatementHash(const json::object& statement, const json::array& sources) {
  std::string text = Fields(statement, {"period", "payee_id"}, {"performance_fen"}) + "\n";
  for (const json::value& value : List(statement, "lines")) {
    const json::object& line = value.as_object();
    text += Fields(line, {"rule", "plan"}, {"plan_version"}) + "|" + Text(line, "category") + "|" +
            Fields(line, {}, {"carried_in_fen", "own_fen", "amount_fen"}) + "|" + Text(line, "corrects_period") + "\n";
  }
  std::vector<std::string> rows;
  for (const json::value& source : sources) {
    rows.push_back(Fields(source.as_object(), {"settlement_no", "line_no"}, {"line_fen", "share_bp", "credited_fen"}));
  }
  std::sort(rows.begin(), rows.end());
  return TextDigest(text + Join(rows, "\n"));
}

std::vector<std::string> VerifyStatement(const json::object& statement, const json::array& sources) {
  return Verifier(statement, sources).Run();
}

}  // namespace renxin::cli
