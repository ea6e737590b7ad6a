#include "services/notifications/sending/job.h"

#include "services/notifications/messages/handlers.h"
#include "services/notifications/recipients/handlers.h"
#include "services/notifications/recipients/store.h"
#include "services/notifications/testing/fixture.h"

namespace renxin::notifications::sending {
namespace {

using namespace testing;  // NOLINT: the fixture

// A provider that does what the test says.
struct Provider final : channels::Channel {
  channels::Answer answer{channels::Answer::Outcome::kAccepted, ""};
  Trace trace = Trace::kNeverSeen;
  int sent = 0;
  std::string text;
  channels::Answer Send(const channels::Outgoing& message, Instant) override {
    ++sent;
    text = message.text;
    return answer;
  }
  Trace Find(const std::string&) override { return trace; }
};

class SendingTest : public NotificationsFixture {
 protected:
  void SendBy(channels::Channel& channel, const std::string& now) {
    while (RunSending(session(), channel, *ParseTime(now), Dies::kNever)) {
    }
  }
  CallContext Clerk() const { return {.now = *ParseTime(clerk_at_), .caller = {.username = "clerk"}, .scope = {.all = true}, .env = env_}; }
  std::string clerk_at_ = "2026-02-16T10:00:00+08:00";
  std::vector<std::string> HistoryOf(const std::string& id) {
    std::vector<std::string> states;
    Do([&](Tx& tx) {
      for (const db::Change& change : db::HistoryOf(tx, env_.sealer, "message", id)) states.push_back(change.to);
    });
    return states;
  }
};
RENXIN_ON_BOTH_DATABASES(SendingTest);

TEST_P(SendingTest, N3_all_is_looked_at_again_at_the_moment_of_sending) {
  const std::string opted_out = Add(MemberClass::kA, kSixteenth);
  const std::string dispute = Add(MemberClass::kA, kSixteenth);
  const std::string archived = Add(MemberClass::kAaa, kSixteenth);
  const std::string withdrawn = Add(MemberClass::kB, kSixteenth);
  const std::string dead = Add(MemberClass::kB, kSixteenth);
  const std::string sad = Add(MemberClass::kAa, kSixteenth);
  const std::string silent = Add(MemberClass::kA, kSixteenth);
  const std::string risen = Add(MemberClass::kA, kSixteenth);
  const std::string erased = Add(MemberClass::kA, kSixteenth);
  Birthdays("2026-02-16T09:00:00+08:00");
  EXPECT_EQ(CountIn(State::kScheduled), 9);
  Do([&](Tx& tx) {
    recipients::StoreStop(tx, recipients::Scope::kPhone, recipients::KeysOf(env_, "", leads_.people[opted_out].phone).phone,
                          *ParseTime("2026-02-16T09:00:00+08:00"));
  });
  SetMember(dispute, MemberClass::kC, true);
  SetMember(archived, MemberClass::kJ);
  SetMember(risen, MemberClass::kAaa);
  leads_.people[withdrawn].consent = false;
  leads_.people[dead].deceased = true;
  leads_.people[sad].compassion = true;
  leads_.people[silent].phone = "";
  leads_.people.erase(erased);
  Sending("2026-02-16T09:00:01+08:00");
  for (const auto& [id, why] : std::map<std::string, std::string>{{opted_out, "N3: opted out"},
                                                                  {dispute, "N3: a dispute is open"},
                                                                  {archived, "N3: class J"},
                                                                  {withdrawn, "P2: no consent to marketing"},
                                                                  {dead, "N3: marked not to be greeted"},
                                                                  {sad, "N3: marked not to be greeted"},
                                                                  {silent, "no phone"},
                                                                  {erased, "the customer is not known any more"}}) {
    EXPECT_EQ(MessageOf(id).state, State::kDropped) << why;
    EXPECT_EQ(MessageOf(id).reason, why);
  }
  // From A to AAA since the morning: one greeting, by the way of today.
  EXPECT_EQ(MessageOf(risen).channel, "task");
  EXPECT_EQ(MessageOf(risen).state, State::kAccepted);
  EXPECT_TRUE(Lines().empty());
}

TEST_P(SendingTest, N6_what_nobody_recorded_is_asked_about_and_not_sent_again) {
  const std::string id = Add(MemberClass::kA, kSixteenth);
  Birthdays("2026-02-16T09:00:00+08:00");
  Sending("2026-02-16T09:00:00+08:00", Dies::kActed);
  EXPECT_EQ(MessageOf(id).state, State::kClaimed);
  EXPECT_EQ(Lines().size(), 1U);
  Sending("2026-02-16T09:00:59+08:00");  // the lease holds still
  EXPECT_EQ(MessageOf(id).state, State::kClaimed);
  Sending("2026-02-16T09:01:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kAccepted);
  EXPECT_EQ(Lines().size(), 1U);
  EXPECT_EQ(HistoryOf(MessageOf(id).id), (std::vector<std::string>{"scheduled", "claimed", "unknown", "accepted"}));
}

TEST_P(SendingTest, N6_what_was_surely_never_seen_is_sent_again) {
  const std::string id = Add(MemberClass::kA, kSixteenth);
  Birthdays("2026-02-16T09:00:00+08:00");
  Sending("2026-02-16T09:00:00+08:00", Dies::kClaimed);
  Sending("2026-02-16T09:01:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kScheduled);
  EXPECT_TRUE(Lines().empty());
  Sending("2026-02-16T09:06:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kAccepted);
  EXPECT_EQ(Lines().size(), 1U);
}

TEST_P(SendingTest, N6_what_nobody_can_tell_is_held_for_staff) {
  const std::string id = Add(MemberClass::kA, kSixteenth);
  Provider provider;
  provider.answer = {channels::Answer::Outcome::kUnknown, "timed out"};
  provider.trace = Trace::kCannotTell;
  Birthdays("2026-02-16T09:00:00+08:00");
  SendBy(provider, "2026-02-16T09:00:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kHeld);
  EXPECT_EQ(provider.sent, 1);
  SendBy(provider, "2026-02-16T19:00:00+08:00");
  EXPECT_EQ(provider.sent, 1);
  v1::ReleaseMessageRequest release;
  release.set_id(MessageOf(id).id);
  release.set_to("dropped");
  release.set_reason("they were called");
  Do([&](Tx& tx) { EXPECT_TRUE(messages::ReleaseMessage(tx, Clerk(), release)); });
  EXPECT_EQ(MessageOf(id).state, State::kDropped);
  Do([&](Tx& tx) {
    EXPECT_EQ(db::HistoryOf(tx, env_.sealer, "message", release.id()).back().why, "they were called");
    for (const std::string sql :
         {"select reason from messages limit 20", "select why from history limit 50", "select reason from history limit 50"}) {
      for (const auto& [text] : tx.Select<std::string>(sql)) EXPECT_EQ(text.find("called"), std::string::npos) << "G6: " << sql;
    }
  });
  Do([&](Tx& tx) { EXPECT_EQ(messages::ReleaseMessage(tx, Clerk(), release).error().code, Code::kConflict); });
}

TEST_P(SendingTest, N5_what_is_final_fails_and_what_is_not_is_tried_later) {
  const std::string id = Add(MemberClass::kA, kSixteenth);
  Provider provider;
  provider.answer = {channels::Answer::Outcome::kTryLater, "busy"};
  Birthdays("2026-02-16T09:00:00+08:00");
  SendBy(provider, "2026-02-16T09:00:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kScheduled);
  EXPECT_EQ(provider.text, "【仁心医院】亲爱的王芳，今天是您的生日，我们祝您生日快乐，健康平安！拒收请回复R");
  provider.answer = {channels::Answer::Outcome::kRefused, "no such number"};
  SendBy(provider, "2026-02-16T09:05:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kFailed);
  EXPECT_EQ(MessageOf(id).reason, "no such number");
  SendBy(provider, "2026-02-16T09:30:00+08:00");
  EXPECT_EQ(provider.sent, 2);
}

TEST_P(SendingTest, N3_the_breaker_defers_the_rest_and_what_is_too_late_expires) {
  SetPolicy([](Policy& policy) { policy.suite_per_hour = 2; });
  for (int i = 0; i < 5; ++i) Add(MemberClass::kA, kSixteenth);
  Add(MemberClass::kAaa, kSixteenth);  // a task is no message to a provider
  At("2026-02-16T17:30:00+08:00");
  EXPECT_EQ(Lines().size(), 2U);
  EXPECT_EQ(CountIn(State::kAccepted), 3);
  EXPECT_EQ(CountIn(State::kScheduled), 3);
  At("2026-02-16T18:29:00+08:00");
  EXPECT_EQ(Lines().size(), 2U);
  At("2026-02-16T18:40:00+08:00");
  EXPECT_EQ(Lines().size(), 4U);
  At("2026-02-16T19:39:00+08:00");
  EXPECT_EQ(Lines().size(), 4U);
  At("2026-02-16T20:00:00+08:00");
  EXPECT_EQ(Lines().size(), 4U);
  EXPECT_EQ(CountIn(State::kExpired), 2);  // the last message, and the task that nobody did
}

TEST_P(SendingTest, N3_quiet_hours_hold_back_until_the_morning) {
  SetPolicy([](Policy& policy) {
    policy.birthday_minute = 6 * 60;
    policy.greeting_expires_minute = 24 * 60;
  });
  const std::string id = Add(MemberClass::kA, kSixteenth);
  At("2026-02-16T06:00:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kScheduled);
  EXPECT_EQ(MessageOf(id).reason, "N3: quiet hours");
  EXPECT_EQ(FormatTime(MessageOf(id).due_at), "2026-02-16T00:00:00Z");
  At("2026-02-16T08:00:00+08:00");
  EXPECT_EQ(MessageOf(id).state, State::kAccepted);
  const std::string late = Add(MemberClass::kA, kSeventeenth);
  At("2026-02-17T21:00:00+08:00");
  EXPECT_EQ(FormatTime(MessageOf(late).due_at), "2026-02-17T16:00:00Z");  // its day ends before the morning
  At("2026-02-18T00:00:00+08:00");
  EXPECT_EQ(MessageOf(late).state, State::kExpired);
}

TEST_P(SendingTest, N2_a_task_is_done_or_expires_at_twenty) {
  const std::string done = Add(MemberClass::kAaa, kSixteenth);
  const std::string forgotten = Add(MemberClass::kAa, kSixteenth);
  At("2026-02-16T09:00:00+08:00");
  Do([&](Tx& tx) { EXPECT_EQ(messages::ListTasks(tx, Clerk(), {})->messages_size(), 2); });
  v1::CompleteTaskRequest req;
  req.set_id(MessageOf(done).id);
  req.set_result("was pleased");
  Do([&](Tx& tx) { EXPECT_TRUE(messages::CompleteTask(tx, Clerk(), req)); });
  Do([&](Tx& tx) { EXPECT_EQ(messages::CompleteTask(tx, Clerk(), req).error().code, Code::kConflict); });
  Do([&](Tx& tx) { EXPECT_EQ(messages::ListTasks(tx, Clerk(), {})->messages_size(), 1); });
  At("2026-02-16T20:00:00+08:00");
  EXPECT_EQ(MessageOf(done).state, State::kDelivered);
  EXPECT_EQ(MessageOf(forgotten).state, State::kExpired);
  EXPECT_EQ(HistoryOf(MessageOf(done).id), (std::vector<std::string>{"scheduled", "claimed", "accepted", "delivered"}));
}

TEST_P(SendingTest, messages_are_listed_by_state_day_and_person_in_pages) {
  std::vector<std::string> people;
  people.reserve(5);
  for (int i = 0; i < 5; ++i) people.push_back(Add(i < 2 ? MemberClass::kAaa : MemberClass::kA, kSixteenth));
  Birthdays("2026-02-16T09:00:00+08:00");
  v1::ListMessagesRequest req;
  req.set_page_size(2);
  std::set<std::string> seen;
  for (int pages = 0; pages < 3; ++pages) {
    Do([&](Tx& tx) {
      const auto page = messages::ListMessages(tx, Clerk(), req);
      for (const auto& message : page->messages()) seen.insert(message.customer_id());
      req.set_page_token(page->next_page_token());
    });
  }
  EXPECT_EQ(seen, (std::set<std::string>(people.begin(), people.end())));
  const auto count = [&](const std::function<void(v1::ListMessagesRequest&)>& with) {
    v1::ListMessagesRequest one;
    with(one);
    int found = 0;
    Do([&](Tx& tx) { found = messages::ListMessages(tx, Clerk(), one)->messages_size(); });
    return found;
  };
  EXPECT_EQ(count([](auto& one) { one.set_state(v1::MESSAGE_STATE_SCHEDULED); }), 5);
  EXPECT_EQ(count([](auto& one) { one.set_state(v1::MESSAGE_STATE_ACCEPTED); }), 0);
  EXPECT_EQ(count([](auto& one) { one.set_day("2026-02-16"); }), 5);
  EXPECT_EQ(count([](auto& one) { one.set_day("2026-02-17"); }), 0);
  EXPECT_EQ(count([](auto& one) { one.set_kind("birthday"); }), 5);
  EXPECT_EQ(count([&](auto& one) { one.set_customer_id(people[0]); }), 1);
}

TEST_P(SendingTest, N3_opting_out_has_a_history_and_twice_is_once) {
  const std::string id = Add(MemberClass::kA, kSixteenth);
  v1::OptOutRequest out;
  out.set_customer_id(id);
  out.set_reason("asked at the desk");
  const auto stop = [&] {
    const auto contact = recipients::PreflightOptOut(leads_, Clerk(), out);
    return Do([&](Tx& tx) { return recipients::OptOut(tx, Clerk(), out, *contact); });
  };
  for (int i = 0; i < 2; ++i) {
    const auto stopped = stop();
    EXPECT_TRUE(stopped->opted_out());
    ASSERT_EQ(stopped->stops_size(), 2) << "the person, and this record whatever becomes of it";
    EXPECT_EQ(stopped->stops(0).scope(), "person");
    EXPECT_EQ(stopped->history_size(), 1);
  }
  out.set_reply("  ｔｄ ");
  EXPECT_EQ(stop()->stops_size(), 3) << "the phone as well";
  out.set_reply("thanks");
  EXPECT_EQ(stop().error().fields.front().field, "reply");
  leads_.people[id].phone = "";
  out.set_reply("TD");
  EXPECT_EQ(stop().error().fields.front().field, "reply") << "nobody can have replied";
  out.set_reply("");
  EXPECT_EQ(stop()->stops(0).scope(), "record");
  leads_.people.erase(id);
  EXPECT_EQ(stop().error().code, Code::kNotFound);
}

// Who is stopped, and what reaches whom after it.
class StopsTest : public SendingTest {
 protected:
  std::string Person(const std::string& name, const std::string& phone) {
    const std::string id = Add(MemberClass::kA, kSixteenth);
    leads_.people[id].name = name;
    leads_.people[id].phone = phone;
    return id;
  }
  void Stop(const std::string& id, const std::string& reply) {
    v1::OptOutRequest out;
    out.set_customer_id(id);
    out.set_reason("said so");
    out.set_reply(reply);
    const auto contact = recipients::PreflightOptOut(leads_, Clerk(), out);
    Do([&](Tx& tx) { EXPECT_TRUE(recipients::OptOut(tx, Clerk(), out, *contact)); });
  }
  std::string Fate(const std::string& id) {
    const messages::Row row = MessageOf(id);
    return row.state == State::kAccepted ? "sent" : row.reason;
  }
};
RENXIN_ON_BOTH_DATABASES(StopsTest);

constexpr const char* kPhone = "+8613800138000";
constexpr const char* kMorning = "2026-02-16T10:30:00+08:00";  // after the clerk's 10:00

TEST_P(StopsTest, N3_a_reply_stops_the_phone_whoever_stands_behind_it) {
  const std::string mother = Person("王芳", kPhone);
  const std::string child = Person("王小明", kPhone);
  const std::string again = Person("王芳", kPhone);  // the same person from another source
  const std::string other = Person("王芳", "+8613900139000");
  Stop(mother, "R");
  At(kMorning);
  for (const std::string& id : {mother, child, again}) EXPECT_EQ(Fate(id), "N3: opted out");
  EXPECT_EQ(Fate(other), "sent");
}

TEST_P(StopsTest, N3_a_staff_entry_stops_the_person_under_every_record) {
  const std::string mother = Person("王芳", kPhone);
  const std::string child = Person("王小明", kPhone);
  Stop(mother, "");
  const std::string again = Person("  王芳\xE2\x80\x8B", kPhone);  // G8: comes later, from another source
  At(kMorning);
  EXPECT_EQ(Fate(mother), "N3: opted out");
  EXPECT_EQ(Fate(again), "N3: opted out");
  EXPECT_EQ(Fate(child), "sent");
}

TEST_P(StopsTest, N3_a_file_that_changes_the_phone_lifts_no_stop) {
  const std::string mother = Person("王芳", kPhone);
  Stop(mother, "");
  leads_.people[mother].phone = "+8613900139000";
  At(kMorning);
  EXPECT_EQ(Fate(mother), "N3: opted out");
}

TEST_P(StopsTest, N3_only_a_later_express_consent_of_that_person_lifts_a_stop) {
  const std::string mother = Person("王芳", kPhone);
  const std::string child = Person("王小明", kPhone);
  const std::string early = Person("王老", kPhone);
  Stop(mother, "R");
  leads_.people[mother].express_consent_at = "2026-02-16T02:00:01Z";  // a second after the stop
  leads_.people[early].express_consent_at = "2026-02-16T02:00:00Z";
  At(kMorning);
  EXPECT_EQ(Fate(mother), "sent");
  EXPECT_EQ(Fate(child), "N3: opted out") << "a file said that they agree, which lifts nothing";
  EXPECT_EQ(Fate(early), "N3: opted out") << "not later than the stop";
}

// The second reply comes from somebody who is stopped already; the phone was stopped again all the same.
TEST_P(StopsTest, N3_a_later_reply_stops_the_phone_also_for_who_had_lifted_the_earlier_one) {
  const std::string mother = Person("王芳", kPhone);
  const std::string child = Person("王小明", kPhone);
  Stop(mother, "R");
  leads_.people[mother].express_consent_at = "2026-02-16T02:05:00Z";
  clerk_at_ = "2026-02-16T10:10:00+08:00";
  Stop(child, "TD");
  At(kMorning);
  EXPECT_EQ(Fate(mother), "N3: opted out");
  EXPECT_EQ(Fate(child), "N3: opted out");
}

TEST_P(StopsTest, N6_one_person_under_two_sources_is_greeted_once) {
  const std::string one = Person("王芳", kPhone);
  const std::string two = Person("王　芳", kPhone);
  const std::string three = Person("王 芳", kPhone);
  const std::string child = Person("王小明", kPhone);
  At(kMorning);
  EXPECT_EQ(Lines().size(), 3U) << "the two ways of writing 王 芳 are one name, 王芳 is another";
  EXPECT_EQ(Fate(child), "sent");
  const std::string late = Person("王芳", kPhone);
  Do([&](Tx& tx) { tx.Exec("delete from birthday_runs"); });
  At("2026-02-16T11:00:00+08:00");
  EXPECT_EQ(Fate(late), "N6: the same person had it under another record") << "in another turn too";
  EXPECT_EQ((Fate(two) == "sent") + (Fate(three) == "sent"), 1);
  EXPECT_EQ(Fate(one), "sent");
}

TEST_P(StopsTest, N3_the_caps_of_marketing_are_a_phones) {
  const std::string mother = Person("王芳", kPhone);
  const std::string child = Person("王小明", kPhone);
  int made = 0;
  const auto campaign = [&](const std::string& to, const std::string& day) {
    messages::Row row{.id = NewId(), .kind = "campaign", .recipient = to, .occasion = "c" + std::to_string(++made)};
    row.marketing = true;
    row.channel = "sms";
    row.template_code = "birthday";
    row.day = day;
    row.due_at = *ParseTime(day + "T10:30:00+08:00");
    Do([&](Tx& tx) { EXPECT_TRUE(messages::Insert(tx, row, row.due_at)); });
    Sending(day + "T10:30:00+08:00");
    return Do([&](Tx& tx) { return *messages::Get(tx, row.id); });
  };
  EXPECT_EQ(campaign(mother, "2026-02-02").state, State::kAccepted);
  const messages::Row second = campaign(child, "2026-02-02");
  EXPECT_EQ(second.reason, "N3: enough marketing today");
  EXPECT_EQ(FormatTime(second.due_at), "2026-02-03T00:00:00Z");
  Sending("2026-02-03T08:00:00+08:00");
  EXPECT_EQ(campaign(mother, "2026-02-05").state, State::kAccepted);
  EXPECT_EQ(campaign(child, "2026-02-07").state, State::kAccepted);
  EXPECT_EQ(campaign(mother, "2026-02-09").reason, "N3: enough marketing this month");
}

// What may have gone counts for its phone; when it is known that it did not, it does not stand in its own way.
TEST_P(StopsTest, N3_N6_what_is_sent_again_is_not_capped_by_itself) {
  messages::Row row{.id = NewId(), .kind = "campaign", .recipient = Person("王芳", kPhone), .occasion = "c"};
  row.marketing = true;
  row.channel = "sms";
  row.template_code = "birthday";
  row.day = "2026-02-02";
  row.due_at = *ParseTime("2026-02-02T10:30:00+08:00");
  Do([&](Tx& tx) { EXPECT_TRUE(messages::Insert(tx, row, row.due_at)); });
  Provider provider;
  provider.answer = {channels::Answer::Outcome::kUnknown, "a time-out"};
  SendBy(provider, "2026-02-02T10:30:00+08:00");
  provider.answer = {channels::Answer::Outcome::kAccepted, ""};
  SendBy(provider, "2026-02-02T10:40:00+08:00");
  SendBy(provider, "2026-02-02T10:50:00+08:00");
  const messages::Row sent = Do([&](Tx& tx) { return *messages::Get(tx, row.id); });
  EXPECT_EQ(sent.state, State::kAccepted) << sent.reason;
  EXPECT_EQ(provider.sent, 2);
}

}  // namespace
}  // namespace renxin::notifications::sending
