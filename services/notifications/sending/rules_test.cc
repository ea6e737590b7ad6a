#include "services/notifications/sending/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace renxin::notifications::sending {
namespace {

const State kAll[] = {State::kScheduled, State::kClaimed, State::kAccepted, State::kDelivered, State::kFailed,
                      State::kExpired,   State::kUnknown, State::kHeld,     State::kDropped};

TEST(States, N6_every_move_there_is) {
  const std::set<std::pair<State, State>> allowed = {
      {State::kScheduled, State::kClaimed}, {State::kScheduled, State::kExpired}, {State::kScheduled, State::kDropped},
      {State::kClaimed, State::kAccepted},  {State::kClaimed, State::kFailed},    {State::kClaimed, State::kDropped},
      {State::kClaimed, State::kScheduled}, {State::kClaimed, State::kUnknown},   {State::kUnknown, State::kAccepted},
      {State::kUnknown, State::kFailed},    {State::kUnknown, State::kScheduled}, {State::kUnknown, State::kHeld},
      {State::kHeld, State::kScheduled},    {State::kHeld, State::kDropped},      {State::kAccepted, State::kDelivered},
      {State::kAccepted, State::kFailed},   {State::kAccepted, State::kExpired}};
  for (const State from : kAll) {
    for (const State to : kAll) {
      EXPECT_EQ(MayMove(from, to), allowed.contains({from, to})) << NameOf(from) << " to " << NameOf(to);
    }
  }
}

Facts Greeting() { return {.plan = {"sms", "birthday", ""}}; }
Facts Receipt() { return {.marketing = false, .greeting = false, .plan = {}}; }

struct Case {
  const char* what;
  Facts facts;
  const char* now;
  Verdict verdict;
  std::string detail;  // the reason, or until when
};

Facts With(Facts facts, const std::function<void(Facts&)>& change) {
  change(facts);
  return facts;
}

TEST(Judge, N3_what_is_looked_at_at_the_moment_of_sending) {
  const Zone zone("Asia/Shanghai");
  const Policy policy;  // 08:00 to 20:00, 1 a day, 4 a month, 5 to a person, 3,000 to all
  const Instant eight = *ParseTime("2026-02-16T20:00:00+08:00");
  const char* noon = "2026-02-16T12:00:00+08:00";
  const Case cases[] = {
      {"at noon", Greeting(), noon, Verdict::kGo, ""},
      {"a second before eight", Greeting(), "2026-02-16T07:59:59+08:00", Verdict::kDefer, "2026-02-16T00:00:00Z"},
      {"eight", Greeting(), "2026-02-16T08:00:00+08:00", Verdict::kGo, ""},
      {"a second before twenty", Greeting(), "2026-02-16T19:59:59+08:00", Verdict::kGo, ""},
      {"twenty", Greeting(), "2026-02-16T20:00:00+08:00", Verdict::kDefer, "2026-02-17T00:00:00Z"},
      {"midnight", Greeting(), "2026-02-17T00:00:00+08:00", Verdict::kDefer, "2026-02-17T00:00:00Z"},
      {"a receipt at night", Receipt(), "2026-02-16T23:00:00+08:00", Verdict::kGo, ""},
      {"its day is over", With(Greeting(), [&](Facts& f) { f.expires_at = eight; }), "2026-02-16T20:00:00+08:00", Verdict::kExpire,
       "N2: its day is over"},
      {"a second before", With(Greeting(), [&](Facts& f) { f.expires_at = eight; }), "2026-02-16T19:59:59+08:00", Verdict::kGo, ""},
      {"not greeted any more",
       With(Greeting(),
            [](Facts& f) {
              f.plan = {"", "", "N3: a dispute is open"};
            }),
       noon, Verdict::kDrop, "N3: a dispute is open"},
      {"four to a person", With(Receipt(), [](Facts& f) { f.person_today = 4; }), noon, Verdict::kGo, ""},
      {"five to a person", With(Receipt(), [](Facts& f) { f.person_today = 5; }), noon, Verdict::kDrop,
       "N3: too many messages to one person in a day"},
      {"one below the breaker", With(Greeting(), [](Facts& f) { f.suite_last_hour = 2'999; }), noon, Verdict::kGo, ""},
      {"the breaker", With(Greeting(), [](Facts& f) { f.suite_last_hour = 3'000; }), noon, Verdict::kDefer, "2026-02-16T04:05:00Z"},
      {"a task goes through no provider", With(Greeting(), [](Facts& f) { f.task = true, f.suite_last_hour = 3'000; }), noon, Verdict::kGo,
       ""},
      {"a task at night", With(Greeting(), [](Facts& f) { f.task = true; }), "2026-02-16T21:00:00+08:00", Verdict::kDefer,
       "2026-02-17T00:00:00Z"},
  };
  for (const Case& one : cases) {
    const Judgement judgement = Judge(one.facts, policy, *ParseTime(one.now), zone);
    EXPECT_EQ(judgement.verdict, one.verdict) << one.what;
    if (one.verdict != Verdict::kGo) {
      EXPECT_EQ(one.verdict == Verdict::kDefer ? FormatTime(judgement.until) : judgement.reason, one.detail) << one.what;
    }
  }
}

TEST(Judge, N3_N6_what_is_looked_at_when_the_phone_is_known) {
  const Zone zone("Asia/Shanghai");
  const Policy policy;
  const Instant noon = *ParseTime("2026-02-28T12:00:00+08:00");
  struct ReachCase {
    const char* what;
    ReachFacts facts;
    Verdict verdict;
    std::string detail;
  };
  const ReachCase cases[] = {
      {"nothing is known", {.counts = true}, Verdict::kGo, ""},
      {"stopped", {.stopped = true}, Verdict::kDrop, "N3: opted out"},
      {"stopped, a receipt", {.marketing = false, .stopped = true}, Verdict::kGo, ""},
      {"had it", {.had_it = true}, Verdict::kDrop, "N6: the same person had it under another record"},
      {"one today", {.counts = true, .marketing_today = 1, .marketing_this_month = 1}, Verdict::kDefer, "2026-03-01T00:00:00Z"},
      {"three this month", {.counts = true, .marketing_this_month = 3}, Verdict::kGo, ""},
      {"four this month", {.counts = true, .marketing_this_month = 4}, Verdict::kDrop, "N3: enough marketing this month"},
      {"a greeting does not count", {.marketing_today = 1, .marketing_this_month = 4}, Verdict::kGo, ""},
  };
  for (const ReachCase& one : cases) {
    const Judgement judgement = JudgeReach(one.facts, policy, noon, zone);
    EXPECT_EQ(judgement.verdict, one.verdict) << one.what;
    if (one.verdict == Verdict::kGo) continue;
    EXPECT_EQ(one.verdict == Verdict::kDefer ? FormatTime(judgement.until) : judgement.reason, one.detail) << one.what;
  }
}

TEST(Contacts, N3_P2_what_leads_says_is_looked_at_too) {
  const Contact fine{.known = true, .has_phone = true, .marketing_consent = true};
  const auto with = [&](bool Contact::*field, bool value) {
    Contact contact = fine;
    contact.*field = value;
    return contact;
  };
  EXPECT_FALSE(NotTo(fine, false, true));
  EXPECT_EQ(NotTo(with(&Contact::known, false), false, true), "the customer is not known any more");
  EXPECT_EQ(NotTo(with(&Contact::marketing_consent, false), false, true), "P2: no consent to marketing");
  EXPECT_FALSE(NotTo(with(&Contact::marketing_consent, false), false, false));
  EXPECT_EQ(NotTo(with(&Contact::deceased, true), false, true), "N3: marked not to be greeted");
  EXPECT_EQ(NotTo(with(&Contact::compassion, true), true, true), "N3: marked not to be greeted");
  EXPECT_EQ(NotTo(with(&Contact::has_phone, false), false, true), "no phone");
  EXPECT_FALSE(NotTo(with(&Contact::has_phone, false), true, true));
}

TEST(Unknown, N6_is_never_blindly_sent_again) {
  Policy policy;
  EXPECT_EQ(StateAfterLookup(Trace::kAccepted, policy), State::kAccepted);
  EXPECT_EQ(StateAfterLookup(Trace::kNeverSeen, policy), State::kScheduled);
  EXPECT_EQ(StateAfterLookup(Trace::kCannotTell, policy), State::kHeld);
  policy.resend_unknown = true;
  EXPECT_EQ(StateAfterLookup(Trace::kCannotTell, policy), State::kScheduled);
}

}  // namespace
}  // namespace renxin::notifications::sending
