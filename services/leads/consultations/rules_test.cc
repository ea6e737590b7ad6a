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

TEST(Consultations, L1_G7_are_checked_alike_on_every_entry_path) {
  const Instant now = *ParseTime("2026-05-10T10:00:00+08:00");
  const auto field = [&](const Consultation& said, EntryPath path) {
    const auto checked = CheckConsultation(said, {"online", "phone"}, now, path);
    return checked ? std::string() : checked.error().fields.front().field;
  };
  const Consultation sound{.channel = "online", .consulted_at = now};
  for (const EntryPath path : {EntryPath::kRoute, EntryPath::kFile}) {
    const auto with = [&](const auto& change) {
      Consultation said = sound;
      change(said);
      return field(said, path);
    };
    EXPECT_EQ(with([](Consultation&) {}), "");
    EXPECT_EQ(with([](Consultation& c) { c.channel = "pigeon"; }), "channel");
    EXPECT_EQ(with([](Consultation& c) { c.campaign = std::string(61, 'x'); }), "campaign");
    EXPECT_EQ(with([](Consultation& c) { c.city = std::string(61, 'x'); }), "city");
    EXPECT_EQ(with([&](Consultation& c) { c.consulted_at = now.Plus(std::chrono::hours(25)); }), "consulted_at");
    EXPECT_EQ(with([](Consultation& c) { c.consulted_at = *ParseTime("1989-12-31T00:00:00Z"); }), "consulted_at");
  }
  Consultation ahead = sound;
  ahead.consulted_at = now.Plus(std::chrono::hours(2));
  EXPECT_EQ(field(ahead, EntryPath::kRoute), "consulted_at");
  EXPECT_EQ(field(ahead, EntryPath::kFile), "");
}

TEST(Funnel, L3_the_latest_consulted_of_those_touched_lately_takes_the_touch) {
  const Instant now = *ParseTime("2026-07-01T00:00:00Z");
  const auto days = [&](int ago) { return now.Plus(-std::chrono::hours(24) * ago); };
  const auto just = std::chrono::microseconds(1);
  struct Case {
    const char* name;
    std::vector<OpenLead> open;
    std::optional<std::size_t> takes;
  };
  const std::vector<Case> cases{
      {"none is open", {}, std::nullopt},
      {"one", {{days(1), days(1)}}, 0},
      {"the latest consulted, wherever it stands", {{days(3), days(3)}, {days(1), days(1)}, {days(2), days(2)}}, 1},
      {"of two at one time the later in the list", {{days(1), days(1)}, {days(1), days(1)}}, 1},
      {"touched a microsecond within 180 days", {{days(400), days(180).Plus(just)}}, 0},
      {"nobody touched it for 180 days", {{days(400), days(180)}}, std::nullopt},
      {"an older one that was touched stands for a stale later one", {{days(300), days(5)}, {days(200), days(200)}}, 0},
      {"all are stale", {{days(300), days(300)}, {days(200), days(181)}}, std::nullopt},
  };
  for (const Case& c : cases) EXPECT_EQ(LeadForTouch(c.open, now, 180), c.takes) << c.name;
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
