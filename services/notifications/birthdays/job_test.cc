#include "services/notifications/birthdays/job.h"

#include <thread>

#include "services/notifications/birthdays/handlers.h"
#include "services/notifications/members/reactions.h"
#include "services/notifications/testing/fixture.h"

namespace renxin::notifications::birthdays {
namespace {

using sending::State;
using namespace testing;  // NOLINT: the fixture

class BirthdaysTest : public NotificationsFixture {};
RENXIN_ON_BOTH_DATABASES(BirthdaysTest);

TEST_P(BirthdaysTest, N2_M4_at_nine_each_class_in_its_way) {
  const std::string aaa = Add(MemberClass::kAaa, kSixteenth);
  const std::string b = Add(MemberClass::kB, kSixteenth);
  const std::string j = Add(MemberClass::kJ, kSixteenth);
  Add(MemberClass::kC, kSixteenth);
  Add(MemberClass::kB, kSixteenth, true, true);  // a dispute
  Add(MemberClass::kB, kSixteenth, false);       // no consent
  Add(MemberClass::kB, kSeventeenth);
  leads_.people[NewId()].birthday = kSixteenth;  // no member
  At("2026-02-16T08:59:59+08:00");
  EXPECT_TRUE(Messages().empty());
  At("2026-02-16T09:00:00+08:00");
  ASSERT_EQ(Messages().size(), 2U);
  EXPECT_EQ(MessageOf(aaa).channel, "task");
  EXPECT_EQ(MessageOf(aaa).state, State::kAccepted);
  EXPECT_EQ(MessageOf(b).channel, "sms");
  EXPECT_EQ(MessageOf(b).state, State::kAccepted);
  EXPECT_EQ(MessageOf(b).occasion, "birthday-2026");
  EXPECT_EQ(MessageOf(b).parts, 1);
  EXPECT_EQ(MessageOf(j).id, "");
  ASSERT_EQ(Lines().size(), 1U);
  EXPECT_EQ(Lines()[0].at("key").as_string(), "birthday:" + b + ":birthday-2026");
  EXPECT_EQ(Lines()[0].at("phone").as_string(), "138****0001");
  At("2026-02-16T09:05:00+08:00");
  EXPECT_EQ(Messages().size(), 2U);
}

// Whoever dies where: everybody has one message, and it went out once.
TEST_P(BirthdaysTest, N2_N6_dead_at_every_point_everybody_is_greeted_once) {
  const Dies points[] = {Dies::kNever, Dies::kBeforeClaim, Dies::kClaimed, Dies::kActed, Dies::kBeforeRecord};
  int day = 0;
  for (const Dies making : points) {
    for (const Dies sending : points) {
      ++day;
      const std::string date = "2026-03-" + std::string(day < 10 ? "0" : "") + std::to_string(day);
      std::vector<std::string> people;
      people.reserve(5);
      for (int i = 0; i < 5; ++i) people.push_back(Add(i == 4 ? MemberClass::kAa : MemberClass::kA, {Calendar::kSolar, 3, day}));
      const std::size_t before = Lines().size();
      Birthdays(date + "T09:00:00+08:00", making);
      Birthdays(date + "T09:00:01+08:00");
      Sending(date + "T09:00:02+08:00", sending);
      for (const char* time : {"T09:00:03+08:00", "T09:02:00+08:00", "T09:08:00+08:00", "T09:16:00+08:00"}) At(date + time);
      for (const std::string& id : people) EXPECT_EQ(MessageOf(id).state, State::kAccepted) << date;
      EXPECT_EQ(Lines().size(), before + 4) << date;
    }
  }
  EXPECT_EQ(Messages().size(), 25U * 5U);
  EXPECT_EQ(sends_, 25 * 4);
}

TEST_P(BirthdaysTest, N2_two_workers_at_once_greet_everybody_once) {
  for (int i = 0; i < 60; ++i) Add(MemberClass::kA, kSixteenth);
  const Instant now = *ParseTime("2026-02-16T09:00:00+08:00");
  std::vector<std::thread> workers;
  workers.reserve(2);
  for (int i = 0; i < 2; ++i) {
    workers.emplace_back([&] {
      Counted channel(log_, sends_);
      db::Session session(url());
      for (int round = 0; round < 200; ++round) {
        try {
          const bool made = RunBirthdays(session, now, Dies::kNever);
          const bool sent = RunSending(session, channel, now, Dies::kNever);
          if (!made && !sent && round > 50) return;
        } catch (const db::DbError&) {
          // The other was first: as in a lane, it is run again.
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  At("2026-02-16T09:10:00+08:00");
  EXPECT_EQ(Messages().size(), 60U);
  EXPECT_EQ(CountIn(State::kAccepted), 60);
  EXPECT_EQ(Lines().size(), 60U);
  EXPECT_EQ(sends_, 60);
}

TEST_P(BirthdaysTest, N2_down_from_before_nine_until_three_still_greets) {
  const std::string id = Add(MemberClass::kA, kSixteenth);
  At("2026-02-15T09:00:00+08:00");
  At("2026-02-16T08:59:00+08:00");
  EXPECT_TRUE(Messages().empty());
  At("2026-02-16T15:00:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kAccepted);
  EXPECT_EQ(Lines().size(), 1U);
}

TEST_P(BirthdaysTest, N2_down_for_a_day_its_greetings_expire_and_are_seen) {
  const std::string missed = Add(MemberClass::kA, kSixteenth);
  const std::string today = Add(MemberClass::kA, kSeventeenth);
  At("2026-02-15T09:00:00+08:00");
  At("2026-02-17T09:00:00+08:00");
  EXPECT_EQ(MessageOf(missed).state, State::kExpired);
  EXPECT_EQ(MessageOf(missed).reason, "N2: its day is over");
  EXPECT_EQ(MessageOf(today).state, State::kAccepted);
  EXPECT_EQ(Lines().size(), 1U);
}

TEST_P(BirthdaysTest, N2_a_greeting_expires_at_twenty_of_its_day) {
  const std::string id = Add(MemberClass::kA, kSixteenth);
  Birthdays("2026-02-16T19:59:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kScheduled);
  Sending("2026-02-16T20:00:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kExpired);
  EXPECT_TRUE(Lines().empty());
}

TEST_P(BirthdaysTest, N2_a_clock_that_goes_a_day_on_and_back_greets_nobody_twice) {
  const std::string first = Add(MemberClass::kA, kSixteenth);
  const std::string second = Add(MemberClass::kAaa, kSeventeenth);
  At("2026-02-16T09:00:00+08:00");
  At("2026-02-17T09:00:00+08:00");
  At("2026-02-16T10:00:00+08:00");
  At("2026-02-16T23:00:00+08:00");
  At("2026-02-17T09:00:00+08:00");
  At("2026-02-17T15:00:00+08:00");
  EXPECT_EQ(Messages().size(), 2U);
  EXPECT_EQ(Lines().size(), 1U);
  EXPECT_EQ(MessageOf(first).state, State::kAccepted);
  EXPECT_EQ(MessageOf(second).state, State::kAccepted);
  // A year later it is another occasion.
  At("2027-02-16T09:00:00+08:00");
  EXPECT_EQ(MessageOf(first).occasion, "birthday-2027");
  EXPECT_EQ(Lines().size(), 2U);
}

TEST_P(BirthdaysTest, N2_two_lunar_birthdays_in_a_solar_year_are_two_occasions) {
  const std::string id = Add(MemberClass::kB, {Calendar::kLunar, 12, 1});
  At("2027-01-08T09:00:00+08:00");
  At("2027-12-28T09:00:00+08:00");
  ASSERT_EQ(Messages().size(), 2U);
  EXPECT_EQ(Messages()[0].occasion, "birthday-lunar-2026");
  EXPECT_EQ(Messages()[1].occasion, "birthday-lunar-2027");
  EXPECT_EQ(MessageOf(id).state, State::kAccepted);
}

TEST_P(BirthdaysTest, N2_leads_away_at_nine_is_asked_again) {
  const std::string id = Add(MemberClass::kA, kSixteenth);
  leads_.up = false;
  At("2026-02-16T09:00:00+08:00");
  EXPECT_TRUE(Messages().empty());
  leads_.up = true;
  Birthdays("2026-02-16T09:01:00+08:00");
  leads_.up = false;
  Sending("2026-02-16T09:01:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kScheduled);
  EXPECT_EQ(MessageOf(id).reason, "leads does not answer");
  leads_.up = true;
  Sending("2026-02-16T09:06:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kAccepted);
}

TEST_P(BirthdaysTest, N2_counted_and_listed_are_members_alone) {
  const std::string aaa = Add(MemberClass::kAaa, kSixteenth);
  Add(MemberClass::kJ, kSixteenth, false);
  leads_.people[NewId()].birthday = kSixteenth;
  const CallContext ctx{.now = *ParseTime("2026-02-16T09:00:00+08:00"), .caller = {}, .scope = {.all = true}, .env = env_};
  v1::CountBirthdaysRequest count;
  count.set_day("2026-02-16");
  const auto counted = PreflightCount(leads_, ctx, count);
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->members(), 2);
  EXPECT_EQ(counted->with_marketing_consent(), 1);
  Do([&](Tx& tx) { EXPECT_EQ(CountBirthdays(tx, ctx, count, *counted)->members(), 2); });
  v1::ListBirthdaysRequest list;
  list.set_day("2026-02-16");
  std::map<std::string, std::pair<std::string, std::string>> rows;
  do {
    const auto fetched = PreflightList(leads_, ctx, list);
    ASSERT_TRUE(fetched);
    EXPECT_EQ(leads_.page_size, 0) << "leads has the same default";
    Do([&](Tx& tx) {
      const auto page = ListBirthdays(tx, ctx, list, *fetched);
      for (const auto& one : page->birthdays()) rows[one.customer_id()] = {one.channel(), one.why_not()};
      list.set_page_token(page->next_page_token());
    });
  } while (!list.page_token().empty());
  ASSERT_EQ(rows.size(), 2U);
  for (const auto& [id, row] : rows) {
    EXPECT_EQ(row, id == aaa ? std::pair(std::string("task"), std::string()) : std::pair(std::string(), std::string("N3: class J")));
  }
}

TEST_P(BirthdaysTest, members_keep_the_highest_version_however_they_come) {
  const EventContext ctx{.now = {0}, .event_id = "", .aggregate_id = "", .occurred_at = {0}, .recorded_at = {0}, .env = env_};
  const auto tell = [&](const std::string& since, int member_class, std::int64_t version) {
    membership::v1::MemberChanged event;
    event.set_customer_id("x");
    event.set_member_since(since);
    event.set_member_class(static_cast<membership::v1::MemberClass>(member_class));
    event.set_version(version);
    Do([&](Tx& tx) { EXPECT_TRUE(members::OnMemberChanged(tx, ctx, event)); });
  };
  const auto member_class = [&] {
    std::optional<MemberClass> out;
    Do([&](Tx& tx) {
      const auto found = members::Find(tx, {"x"});
      if (!found.empty()) out = found.begin()->second.member_class;
    });
    return out;
  };
  tell("2026-01-01", 1, 3);
  tell("2026-01-01", 4, 2);
  tell("2026-01-01", 1, 3);
  EXPECT_EQ(member_class(), MemberClass::kAaa);
  tell("", 0, 4);  // all was taken back: nobody
  EXPECT_EQ(member_class(), std::nullopt);
  tell("2026-01-01", 2, 5);
  EXPECT_EQ(member_class(), MemberClass::kAa);
  Do([&](Tx& tx) { EXPECT_FALSE(members::OnMemberChanged(tx, ctx, {})); });
}

}  // namespace
}  // namespace renxin::notifications::birthdays
