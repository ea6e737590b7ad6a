#include "services/notifications/templates/rules.h"

#include <algorithm>
#include <cctype>

#include "shared/core/normal.h"

namespace renxin::notifications::templates {
namespace {

constexpr std::size_t kOnePart = 70;
constexpr std::size_t kPartOfSeveral = 67;

bool IsName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

// Calls `text` for what stands between names and `name` for each name; false when a brace stands alone.
template <class Text, class Name>
bool Walk(std::string_view body, Text text, Name name) {
  while (!body.empty()) {
    const std::size_t open = body.find_first_of("{}");
    text(body.substr(0, open));
    if (open == std::string_view::npos) return true;
    const std::size_t close = body.find('}', open);
    if (body[open] == '}' || close == std::string_view::npos || !IsName(body.substr(open + 1, close - open - 1))) return false;
    name(std::string(body.substr(open + 1, close - open - 1)));
    body.remove_prefix(close + 1);
  }
  return true;
}

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// 2027-03-31 or 2027年3月31日.
bool NamesDay(std::string_view text, const std::string& day) {
  if (Contains(text, day)) return true;
  int year = 0;
  int month = 0;
  int number = 0;
  const auto parsed = ParseDay(day);
  if (!parsed) return false;
  SplitDay(*parsed, &year, &month, &number);
  return Contains(text, std::to_string(year) + "年" + std::to_string(month) + "月" + std::to_string(number) + "日");
}

// Line feed, carriage return, vertical tab, form feed, next line, line and paragraph separator.
bool HasLineBreak(std::string_view text) {
  return text.find_first_of("\n\r\v\f") != std::string_view::npos || Contains(text, "\xC2\x85") || Contains(text, "\xE2\x80\xA8") ||
         Contains(text, "\xE2\x80\xA9");
}

bool IsWord(std::string_view text) {
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
         std::all_of(text.begin(), text.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; });
}

// What other systems write where a value goes; sent as it stands it would be a hole. Nothing when there is none.
std::optional<std::string> OtherPlaceholder(std::string_view body) {
  const std::string text = CompatibleText(body);  // ｛name｝ is {name} to who reads it
  if (Contains(body, "｛") || Contains(body, "｝")) return "｛…｝";
  for (const std::string_view mark : {"${", "{{", "}}", "%{", "#{", "<%", "%>"}) {
    if (Contains(text, mark)) return std::string(mark);
  }
  // #name#, %name%, %s, %1$s.
  for (const char mark : {'#', '%'}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
      const std::size_t end = text.find(mark, at + 1);
      if (end != std::string::npos && IsWord(std::string_view(text).substr(at + 1, end - at - 1))) return text.substr(at, end - at + 1);
    }
  }
  for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1)) {
    std::size_t next = at + 1;
    while (next < text.size() && (std::isdigit(static_cast<unsigned char>(text[next])) || text[next] == '$')) ++next;
    if (next < text.size() && (text[next] == 's' || text[next] == 'd')) return text.substr(at, next - at + 1);
  }
  return std::nullopt;
}

Status CheckApproval(const Template& text, Day today) {
  if (!text.advertises) {
    if (!text.approval_no.empty()) return InvalidField("approval_no", "N1", "only what advertises has an approval");
    if (!text.approval_expires_on.empty()) return InvalidField("approval_expires_on", "N1", "only what advertises has an approval");
    return Ok{};
  }
  if (text.approval_no.empty()) return InvalidField("approval_no", "N1", "what advertises needs the number of its approval");
  if (text.approval_expires_on.empty())
    return InvalidField("approval_expires_on", "N1", "what advertises needs the expiry of its approval");
  ASSIGN_OR_RETURN(const Day expires, ParseDay(text.approval_expires_on));
  if (expires < today) return RuleBroken("approval_expires_on", "N1", "the approval has expired");
  if (!Contains(text.body, text.approval_no)) return RuleBroken("body", "N1", "the approval's number does not stand in the text");
  if (!NamesDay(text.body, text.approval_expires_on)) return RuleBroken("body", "N1", "the approval's expiry does not stand in the text");
  return Ok{};
}

}  // namespace

bool IsMarketing(std::string_view kind) { return kind == "birthday" || kind == "campaign" || kind == "recall"; }

const std::vector<std::string>& VariablesOf(std::string_view kind) {
  static const std::map<std::string, std::vector<std::string>, std::less<>> kinds = {
      {"birthday", {"name"}}, {"campaign", {"name"}},         {"recall", {"name"}}, {"appointment", {"name", "day", "time"}},
      {"code", {"code"}},     {"receipt", {"name", "amount"}}};
  static const std::vector<std::string> none;
  const auto found = kinds.find(kind);
  return found == kinds.end() ? none : found->second;
}

Result<std::vector<std::string>> VariablesIn(std::string_view body) {
  std::vector<std::string> names;
  const bool whole = Walk(
      body, [](std::string_view) {},
      [&](std::string name) {
        if (!Contains(names, name)) names.push_back(std::move(name));
      });
  if (!whole) return InvalidField("body", "N1", "a brace is no {name} of small letters");
  return names;
}

Status CheckTemplate(const Template& text, const Policy& policy, Day today) {
  if (const auto style = OtherPlaceholder(text.body))
    return InvalidField("body", "N1", "looks like another style of placeholder: " + *style + "; a value is written {name}");
  ASSIGN_OR_RETURN(const std::vector<std::string> names, VariablesIn(text.body));
  for (const std::string& name : names) {
    if (!Contains(VariablesOf(text.kind), name)) return InvalidField("body", "N1", "{" + name + "} is no value of this kind of message");
  }
  if (Contains(text.body, "【") || Contains(text.body, "】")) {
    return InvalidField("body", "N1", "the signature is put in front by itself: no 【 or 】");
  }
  for (const std::string& word : policy.forbidden_words) {
    if (!word.empty() && Contains(text.body, word)) {
      return RuleBroken("body", IsMarketing(text.kind) ? "N1" : "N3", "names a disease or a procedure: " + word);
    }
  }
  if (IsMarketing(text.kind) && !Contains(text.body, policy.opt_out_words)) {
    return RuleBroken("body", "N1", "a marketing message must say " + policy.opt_out_words);
  }
  if (text.advertises && !IsMarketing(text.kind)) return RuleBroken("advertises", "N1", "only a marketing message advertises");
  return CheckApproval(text, today);
}

std::optional<std::string> NotOn(const Template& text, Day day) {
  if (!text.advertises) return std::nullopt;
  const auto expires = ParseDay(text.approval_expires_on);
  if (!expires || *expires < day) return "N1: the approval has expired";
  return std::nullopt;
}

Result<std::string> Render(const Template& text, const Values& values, const Policy& policy) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, VariablesIn(text.body));
  for (const std::string& name : names) {
    const auto value = values.find(name);
    if (value == values.end() || ShowsNothing(value->second)) return InvalidField("variables", "N1", "{" + name + "} has no value");
    if (Contains(value->second, "【") || Contains(value->second, "】"))
      return InvalidField("variables", "N1", "{" + name + "} looks like a signature: no 【 or 】");
    if (HasLineBreak(value->second)) return InvalidField("variables", "N1", "{" + name + "} has a line break");
  }
  for (const auto& [name, value] : values) {
    if (!Contains(names, name)) return InvalidField("variables", "N1", "{" + name + "} does not stand in the template");
  }
  std::string out = "【" + policy.signature + "】";
  // In one pass: a value with braces in it stays as it is.
  Walk(
      text.body, [&](std::string_view part) { out += part; }, [&](const std::string& name) { out += values.at(name); });
  return out;
}

std::size_t Units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80) continue;  // not the first byte of a character
    units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

std::size_t Parts(std::string_view text) {
  const std::size_t units = Units(text);
  if (units <= kOnePart) return units == 0 ? 0 : 1;
  std::size_t parts = 1;
  std::size_t in_part = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80) continue;
    const std::size_t needs = byte >= 0xF0 ? 2 : 1;
    if (in_part + needs > kPartOfSeveral) {
      ++parts;
      in_part = 0;
    }
    in_part += needs;
  }
  return parts;
}

}  // namespace renxin::notifications::templates
