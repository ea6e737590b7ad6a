#include "services/leads/consultations/rules.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace renxin::leads::consultations {
namespace {

struct MoveCase {
  State from;
  State to;
  bool allowed;
};

TEST(Funnel, L2_every_move_is_allowed_or_refused_with_the_state) {
  const std::vector<State> states{State::kNew, State::kContacted, State::kAppointed, State::kArrived,
                                  State::kWon, State::kLost,      State::kInvalid};
  for (const State from : states) {
    for (const State to : states) {
      const bool open = IsOpen(from);
      const bool forward = open && to > from && to <= State::kArrived;
      const bool closes = open && (to == State::kLost || to == State::kInvalid);
      const bool reopens = from == State::kLost && to == State::kNew;
      const auto moved = Move({from, State::kContacted, ""}, to, "because");
      EXPECT_EQ(moved.ok(), forward || closes || reopens) << Name(from) << " → " << Name(to);
      if (!moved.ok()) {
        EXPECT_NE(moved.error().message.find(Name(from)), std::string::npos) << moved.error().message;
      }
    }
  }
}

TEST(Funnel, L2_lost_and_invalid_need_a_reason) {
  for (const State to : {State::kLost, State::kInvalid}) {
    const auto refused = Move({State::kContacted, State::kNew, ""}, to, "");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields.front().field, "reason");
  }
}

TEST(Funnel, L2_reopen_goes_back_to_the_state_before) {
  const auto lost = Move({State::kAppointed, State::kAppointed, ""}, State::kLost, "too far");
  ASSERT_TRUE(lost);
  const auto reopened = Move(*lost, State::kNew, "");
  ASSERT_TRUE(reopened);
  EXPECT_EQ(reopened->state, State::kAppointed);
  EXPECT_EQ(reopened->reason, "");
}

TEST(Funnel, L2_facts_in_any_order_end_in_the_same_state) {
  std::vector<State> facts{State::kAppointed, State::kArrived, State::kWon, State::kAppointed};
  std::sort(facts.begin(), facts.end());
  do {
    State state = State::kNew;
    for (const State fact : facts) state = Advance(state, fact);
    EXPECT_EQ(state, State::kWon);
  } while (std::next_permutation(facts.begin(), facts.end()));
  EXPECT_EQ(Advance(State::kLost, State::kArrived), State::kLost);
  EXPECT_EQ(Advance(State::kInvalid, State::kWon), State::kInvalid);
}

}  // namespace
}  // namespace renxin::leads::consultations
