#pragma once
// What a hospital may choose, the same in every service: versions with a day from which each is in force, the default written at the
// first start, routes under /v1/policies/{service} (routes.h), an event for each new version. A service describes its policy with a struct
// `Spec`:
//
//   using Policy, Version, Versions, Change, Changed    its document and the messages of its PolicyService
//   static constexpr std::string_view kService          leads
//   static constexpr policies::Begins kBegins           when a new version may take effect at the earliest
//   static Policy Default()                             what a new hospital has
//   static Status Check(Tx&, const Policy&)             what no field can say alone; fields as `policy.…`
//   static void Follow(Tx&, const Environment&, std::int64_t version, Day from)   what else a new version starts

#include <string>
#include <utility>
#include <vector>

#include "shared/policies/store.h"
#include "shared/runtime/context.h"

namespace renxin::policies {

// What was judged yesterday stays judged: kToday where a policy is asked for at the moment of an act, kTomorrow where whole days are.
enum class Begins : std::uint8_t { kToday, kTomorrow };
Status CheckBegin(Begins begins, Day effective_from, Day today);

// The policy in force on `day`. A version that cannot be read is reported and the one before it counts; with none the default.
template <class Spec>
typename Spec::Policy On(db::Tx& tx, Day day) {
  typename Spec::Policy policy;
  const auto newest = RowOn(tx, Spec::kService, day);
  if (!newest) return Spec::Default();
  if (policy.ParseFromString(newest->body)) return policy;
  for (const Row& row : RowsUntil(tx, Spec::kService, day)) {
    if (policy.ParseFromString(row.body)) return policy;
    ReportUnreadable(Spec::kService, row);
  }
  return Spec::Default();
}

// All versions in force until `until`, to ask which one held on each of many days.
template <class Spec>
class History {
 public:
  explicit History(db::Tx& tx, Day until = MakeDay(9999, 12, 31)) : default_(Spec::Default()) {
    for (const Row& row : RowsUntil(tx, Spec::kService, until)) {
      typename Spec::Policy policy;
      if (policy.ParseFromString(row.body)) {
        versions_.emplace_back(row.effective_from, std::move(policy));
      } else {
        ReportUnreadable(Spec::kService, row);
      }
    }
  }
  const typename Spec::Policy& On(Day day) const {
    const std::string text = FormatDay(day);
    for (const auto& [from, policy] : versions_) {
      if (from <= text) return policy;
    }
    return default_;
  }

 private:
  std::vector<std::pair<std::string, typename Spec::Policy>> versions_;  // the one that takes effect last first
  typename Spec::Policy default_;
};

}  // namespace renxin::policies
