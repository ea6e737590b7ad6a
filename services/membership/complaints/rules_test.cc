#include "services/membership/complaints/rules.h"

#include <gtest/gtest.h>

namespace renxin::membership::complaints {
namespace {

using surveys::Satisfaction;

TEST(Complaints, M11_open_investigating_resolved_and_no_other_way) {
  EXPECT_EQ(*Investigate(State::kOpen), State::kInvestigating);
  EXPECT_EQ(Investigate(State::kInvestigating).error().message, "M11: from investigating there is no way to investigating");
  EXPECT_EQ(Investigate(State::kResolved).error().reason, Reason::kWrongState);
  EXPECT_EQ(*Resolve(State::kInvestigating, {Outcome::kUnfounded, Satisfaction::kNone}), State::kResolved);
  EXPECT_EQ(Resolve(State::kOpen, {Outcome::kUnfounded, Satisfaction::kNone}).error().message,
            "M11: from open there is no way to resolved");
  EXPECT_EQ(Resolve(State::kResolved, {Outcome::kUnfounded, Satisfaction::kNone}).error().reason, Reason::kWrongState);
}

struct OutcomeCase {
  Outcome outcome;
  Satisfaction satisfaction;
  const char* message;  // empty: taken
};

TEST(Complaints, M3_a_repair_names_the_satisfaction_it_ended_with) {
  const std::vector<OutcomeCase> cases{
      {Outcome::kRepaired, Satisfaction::kFair, ""},
      {Outcome::kRepaired, Satisfaction::kVeryDissatisfied, ""},
      {Outcome::kRepaired, Satisfaction::kNone, "a repair names the satisfaction it ended with"},
      {Outcome::kRefunded, Satisfaction::kNone, ""},
      {Outcome::kCompensated, Satisfaction::kNone, ""},
      {Outcome::kRefunded, Satisfaction::kFair, "belongs to the outcome repaired alone"},
      {Outcome::kUnfounded, Satisfaction::kFair, "belongs to the outcome repaired alone"},
  };
  for (const OutcomeCase& c : cases) {
    const auto resolved = Resolve(State::kInvestigating, {c.outcome, c.satisfaction});
    EXPECT_EQ(resolved.ok() ? "" : resolved.error().fields.front().message, c.message) << Name(c.outcome);
    if (!resolved.ok()) {
      EXPECT_EQ(resolved.error().fields.front().field, "satisfaction");
    }
  }
}

TEST(Surveys, M2_nobody_answers_in_the_future) {
  const Instant now = *ParseTime("2026-05-10T10:00:00+08:00");
  EXPECT_TRUE(surveys::CheckTime(now, now));
  EXPECT_EQ(surveys::CheckTime(now.Plus(std::chrono::minutes(2)), now).error().fields.front().field, "answered_at");
  EXPECT_EQ(surveys::CheckTime({0}, now).error().fields.front().rule, "G7");
}

}  // namespace
}  // namespace renxin::membership::complaints
