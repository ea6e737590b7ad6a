#include "services/membership/members/rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

namespace renxin::membership::members {
namespace {

using complaints::Outcome;

bool IsSettledSale(const Settlement& s) { return s.sale && s.settled_at.has_value(); }

bool IsOneOf(const std::string& category, const std::vector<std::string>& categories) {
  return std::find(categories.begin(), categories.end(), category) != categories.end();
}

bool HasBought(const std::vector<Settlement>& settlements, const std::vector<std::string>& categories) {
  for (const Settlement& s : settlements) {
    if (!IsSettledSale(s)) continue;
    for (const Line& line : s.lines) {
      if (IsOneOf(line.category, categories)) return true;
    }
  }
  return false;
}

// Sessions of the longest skin course: by course number, or by settlement where there is none.
std::int64_t LongestCourse(const std::vector<Settlement>& settlements, const Policy& policy) {
  std::map<std::pair<bool, std::string>, std::int64_t> sessions;
  std::int64_t longest = 0;
  for (const Settlement& s : settlements) {
    if (!IsSettledSale(s)) continue;
    std::int64_t& course = sessions[{s.course_no.empty(), s.course_no.empty() ? s.id : s.course_no}];
    for (const Line& line : s.lines) {
      if (IsOneOf(line.category, policy.skin_courses)) course += line.quantity;
    }
    longest = std::max(longest, course);
  }
  return longest;
}

// The first settled sale: the same one in whatever order they came.
const Settlement* FirstSale(const std::vector<Settlement>& settlements) {
  const Settlement* first = nullptr;
  for (const Settlement& s : settlements) {
    if (IsSettledSale(s) && (first == nullptr || std::tie(*s.settled_at, s.id) < std::tie(*first->settled_at, first->id))) first = &s;
  }
  return first;
}

std::string Count(std::int64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

// M3: a repair that ended well, with no settlement after it.
const Dispute* Holding(const Facts& facts, const Policy& policy) {
  for (const Dispute& dispute : facts.disputes) {
    if (dispute.outcome != Outcome::kRepaired || !dispute.resolved_at || dispute.satisfaction < policy.lowest) continue;
    const bool settled_after = std::any_of(facts.settlements.begin(), facts.settlements.end(),
                                           [&](const Settlement& s) { return s.settled_at && *s.settled_at > *dispute.resolved_at; });
    if (!settled_after) return &dispute;
  }
  return nullptr;
}

void Decide(const Facts& facts, const Policy& policy, Standing* standing) {
  for (const Dispute& dispute : facts.disputes) {
    if (dispute.outcome != Outcome::kRefunded && dispute.outcome != Outcome::kCompensated) continue;
    standing->member_class = Class::kJ;
    standing->class_reason = "M3: was " + std::string(complaints::Name(dispute.outcome)) + " in a dispute";
    return;
  }
  if (standing->dispute_open) {
    standing->member_class = Class::kC;
    standing->class_reason = "M3: a dispute is open";
    return;
  }
  if (const Dispute* repair = Holding(facts, policy)) {
    standing->member_class = Class::kB;
    standing->class_reason = "M3: repaired, ended with " + std::string(surveys::Name(repair->satisfaction)) + "; no settlement since";
    return;
  }
  const int met = int{standing->a.met} + int{standing->b.met} + int{standing->c.met};
  static constexpr std::array<Class, 4> kByCount{Class::kB, Class::kA, Class::kAA, Class::kAAA};
  standing->member_class = kByCount.at(static_cast<std::size_t>(met));
  standing->class_reason = "M3: " + std::to_string(met) + " of 3 factors are met";
}

}  // namespace

std::string_view Name(Class member_class) {
  static constexpr std::array<std::string_view, 7> kNames{"none", "AAA", "AA", "A", "B", "C", "J"};
  return kNames.at(static_cast<std::size_t>(member_class));
}

Factor FactorA(const std::vector<Settlement>& settlements, const Policy& policy) {
  std::set<Day> days;
  std::int64_t sales = 0;
  for (const Settlement& s : settlements) {
    if (!IsSettledSale(s)) continue;
    ++sales;
    days.insert(s.settled_on);
  }
  const std::int64_t sessions = LongestCourse(settlements, policy);
  const bool noninvasive = HasBought(settlements, policy.noninvasive);
  const bool package = HasBought(settlements, policy.skin_packages);
  const std::string settled = Count(sales, "sale settlement", "sale settlements");
  if (noninvasive && policy.noninvasive_stands_alone) return {true, "a non-invasive item"};
  if (noninvasive && sales >= policy.settlements) return {true, "a non-invasive item and " + settled};
  if (package && sales >= policy.settlements) return {true, "a skin package and " + settled};
  if (sessions >= policy.course_sessions) return {true, "a skin course of " + Count(sessions, "session", "sessions")};
  const auto day_count = static_cast<std::int64_t>(days.size());
  const std::string on_days = "sale settlements on " + Count(day_count, "day", "days");
  if (day_count >= policy.sale_days) return {true, on_days};
  return {false, on_days + ", longest skin course of " + Count(sessions, "session", "sessions")};
}

Factor FactorB(const std::vector<Settlement>& settlements, const Policy& policy) {
  Fen net = 0;
  for (const Settlement& s : settlements) {
    if (s.settled_at) net += s.total;
  }
  const std::string amounts = "net spend " + FormatYuan(net) + " of " + FormatYuan(policy.net_spend);
  return {net >= policy.net_spend, amounts};
}

Factor FactorC(const Facts& facts, const Policy& policy) {
  std::optional<Answer> latest;
  const auto offer = [&latest](const Answer& answer) {
    if (!latest || std::tie(latest->at, latest->id) < std::tie(answer.at, answer.id)) latest = answer;
  };
  for (const Answer& answer : facts.answers) offer(answer);
  for (const Dispute& dispute : facts.disputes) {
    if (dispute.resolved_at && dispute.satisfaction != Satisfaction::kNone) offer({dispute.id, dispute.satisfaction, *dispute.resolved_at});
  }
  if (!latest) return {false, "no survey"};
  return {latest->satisfaction >= policy.lowest, "latest satisfaction " + std::string(surveys::Name(latest->satisfaction))};
}

Standing Evaluate(const Facts& facts, const Policy& policy) {
  Standing standing;
  standing.a = FactorA(facts.settlements, policy);
  standing.b = FactorB(facts.settlements, policy);
  standing.c = FactorC(facts, policy);
  for (const Settlement& s : facts.settlements) {
    if (s.settled_at) standing.net_spend += s.total;
  }
  standing.dispute_open =
      std::any_of(facts.disputes.begin(), facts.disputes.end(), [](const Dispute& dispute) { return !dispute.resolved_at; });
  const Settlement* first = FirstSale(facts.settlements);
  if (first == nullptr) {
    standing.class_reason = "M1: no settled purchase";
    return standing;
  }
  standing.since = first->settled_at;
  standing.source = first->source;
  Decide(facts, policy, &standing);
  return standing;
}

}  // namespace renxin::membership::members
