#pragma once
// A hospital of one service: its database, people as leads would tell of them, the log channel, and a clock that a test moves.
// A turn of work is claim, act, record as shared/runtime does it, and can be made to die between any two of them.

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>

#include <boost/json.hpp>

#include "renxin/leads/v1/persons.pb.h"
#include "renxin/notifications/v1/notifications_policy.pb.h"
#include "services/notifications/birthdays/job.h"
#include "services/notifications/channels/log_channel.h"
#include "services/notifications/members/store.h"
#include "services/notifications/policy/policy.h"
#include "services/notifications/sending/job.h"
#include "shared/core/lunar.h"
#include "shared/core/text.h"
#include "shared/policies/routes.h"
#include "shared/testing/databases.h"

namespace renxin::notifications {

std::vector<db::Migration> Migrations();

namespace testing {

struct Person {
  Birthday birthday;
  bool consent = true;
  bool deceased = false;
  bool compassion = false;
  std::string phone;  // one of their own where the test says nothing
  std::string name = "王芳";
  std::string express_consent_at;
};

class Leads final : public runtime::ServiceClient {
 public:
  std::map<std::string, Person> people;
  std::atomic<bool> up{true};
  int page_size = -1;  // that was asked for last

  Result<std::string> CallBytes(std::string_view, std::string_view method, const google::protobuf::Message& request,
                                std::string_view) override {
    if (!up) return Error{Code::kUnavailable, Reason::kServiceUnavailable, "leads does not answer"};
    if (method == "PersonService.FindBirthdays") {
      page_size = static_cast<const leads::v1::FindBirthdaysRequest&>(request).page_size();
      return Find(static_cast<const leads::v1::FindBirthdaysRequest&>(request));
    }
    return Contacts(static_cast<const leads::v1::GetContactsRequest&>(request));
  }
  void Read(const std::function<void(Tx&)>& run) override {
    db::Session session(url);
    Tx tx(session, true);
    run(tx);
  }
  std::string url;  // of the service's own database

 private:
  // Pages of two, so that there are several.
  Result<std::string> Find(const leads::v1::FindBirthdaysRequest& req) const {
    leads::v1::FindBirthdaysResponse out;
    for (const auto& [id, person] : people) {
      if (id <= req.page_token() || out.customers_size() == 2) continue;
      const bool met = std::any_of(req.keys().begin(), req.keys().end(), [&, &birthday = person.birthday](const auto& key) {
        return key.calendar() == CalendarName(birthday.calendar) && key.month() == birthday.month && key.day() == birthday.day;
      });
      if (!met) continue;
      auto* one = out.add_customers();
      one->set_customer_id(id);
      one->set_calendar(std::string(CalendarName(person.birthday.calendar)));
      one->set_marketing_consent(person.consent);
    }
    if (out.customers_size() == 2) out.set_next_page_token(out.customers(1).customer_id());
    return out.SerializeAsString();
  }
  Result<std::string> Contacts(const leads::v1::GetContactsRequest& req) const {
    leads::v1::GetContactsResponse out;
    for (const std::string& id : req.customer_ids()) {
      const auto found = people.find(id);
      if (found == people.end()) continue;
      auto* contact = out.add_contacts();
      contact->set_customer_id(id);
      contact->set_name(found->second.name);
      contact->set_phone(found->second.phone);
      contact->set_marketing_consent(found->second.consent);
      contact->set_express_consent_at(found->second.express_consent_at);
      contact->set_deceased(found->second.deceased);
      contact->set_compassion(found->second.compassion);
    }
    return out.SerializeAsString();
  }
};

// A channel behind which every try is counted: the log channel itself would hide a second one.
class Counted final : public channels::Channel {
 public:
  Counted(const std::string& path, std::atomic<int>& sends) : channel_(path), sends_(sends) {}
  channels::Answer Send(const channels::Outgoing& message, Instant now) override {
    ++sends_;
    return channel_.Send(message, now);
  }
  sending::Trace Find(const std::string& key) override { return channel_.Find(key); }

 private:
  channels::LogChannel channel_;
  std::atomic<int>& sends_;
};

// Where a process dies by kill -9: what it had not committed is not there.
enum class Dies { kNever, kBeforeClaim, kClaimed, kActed, kBeforeRecord };

class NotificationsFixture : public renxin::testing::OnServiceTables {
 protected:
  NotificationsFixture() : OnServiceTables(Migrations()) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    leads_.url = url();
    log_ = ::testing::TempDir() + "/renxin-log-" + ToHex(RandomBytes(6)) + ".jsonl";
    channel_ = std::make_unique<Counted>(log_, sends_);
    Do([&](Tx& tx) {
      const TimerContext ctx = Timer("2020-01-01T00:00:00Z");
      policies::Seed<PolicySpec>(tx, ctx);
      templates::SeedDefaults(tx, ctx);
    });
  }
  void TearDown() override {
    OnServiceTables::TearDown();
    std::filesystem::remove(log_);
  }

  TimerContext Timer(const std::string& now) const { return {.now = *ParseTime(now), .key = "", .env = env_}; }
  TimerContext Timer(Instant now) const { return {.now = now, .key = "", .env = env_}; }

  std::string Add(MemberClass member_class, Birthday birthday, bool consent = true, bool dispute = false) {
    const std::string id = NewId();
    Person person;
    person.birthday = birthday;
    person.consent = consent;
    person.phone = "+8613800" + std::to_string(100'000 + leads_.people.size());
    leads_.people[id] = person;
    SetMember(id, member_class, dispute);
    return id;
  }
  void SetMember(const std::string& id, MemberClass member_class, bool dispute = false) {
    Do([&](Tx& tx) { members::Upsert(tx, {id, "2025-01-01", member_class, dispute, ++version_}); });
  }
  void SetPolicy(const std::function<void(Policy&)>& change) {
    Policy policy = DefaultPolicy();
    change(policy);
    // A version of a policy is known by its number and its time, whichever database of this process it is in.
    static std::int64_t made = 0;
    Do([&](Tx& tx) { policies::Add(tx, "notifications", MakeDay(2000, 1, 1), "test", ToProto(policy).SerializeAsString(), {++made}); });
  }

  // One turn; false when there was nothing to do or it died.
  bool RunBirthdays(db::Session& session, Instant now, Dies dies) {
    std::optional<birthdays::Run> run;
    {
      Tx tx(session, false);
      run = birthdays::Prepare(tx, Timer(now));
      if (dies == Dies::kBeforeClaim) return false;
      tx.Commit();
    }
    if (!run || dies == Dies::kClaimed) return false;
    const birthdays::Found found = birthdays::Execute(leads_, Outside(now), *run);
    if (dies == Dies::kActed) return false;
    Tx tx(session, false);
    birthdays::Record(tx, Timer(now), *run, found);
    if (dies == Dies::kBeforeRecord) return false;
    tx.Commit();
    return found.answered;
  }
  bool RunSending(db::Session& session, channels::Channel& channel, Instant now, Dies dies) {
    std::optional<sending::Job> job;
    {
      Tx tx(session, false);
      job = sending::Prepare(tx, Timer(now));
      if (dies == Dies::kBeforeClaim) return false;
      tx.Commit();
    }
    if (!job || dies == Dies::kClaimed) return false;
    const sending::Result result = sending::Execute(channel, leads_, Outside(now), *job);
    if (dies == Dies::kActed) return false;
    Tx tx(session, false);
    sending::Record(tx, Timer(now), *job, result);
    if (dies == Dies::kBeforeRecord) return false;
    tx.Commit();
    return true;
  }
  void Birthdays(const std::string& now, Dies dies = Dies::kNever) {
    while (RunBirthdays(session(), *ParseTime(now), dies)) {
    }
  }
  void Sending(const std::string& now, Dies dies = Dies::kNever) {
    while (RunSending(session(), *channel_, *ParseTime(now), dies)) {
    }
  }
  void At(const std::string& now) {
    Birthdays(now);
    Sending(now);
  }

  std::vector<messages::Row> Messages() {
    std::vector<messages::Row> rows;
    Do([&](Tx& tx) { rows = messages::List(tx, {}, contract::Page(contract::Page::kMaxSize)).rows; });
    std::reverse(rows.begin(), rows.end());
    return rows;
  }
  messages::Row MessageOf(const std::string& customer) {
    messages::Row found;
    for (const messages::Row& row : Messages()) {
      if (row.recipient == customer) found = row;
    }
    return found;
  }
  int CountIn(sending::State state) {
    const auto rows = Messages();
    return static_cast<int>(std::count_if(rows.begin(), rows.end(), [&](const messages::Row& row) { return row.state == state; }));
  }
  std::vector<boost::json::object> Lines() const {
    std::vector<boost::json::object> lines;
    std::ifstream file(log_);
    for (std::string line; std::getline(file, line);) lines.push_back(boost::json::parse(line).as_object());
    return lines;
  }

  runtime::JobContext Outside(Instant now) const {
    return {.now = now, .deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30), .env = env_};
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Leads leads_;
  std::string log_;
  std::atomic<int> sends_{0};
  std::unique_ptr<channels::Channel> channel_;
  std::int64_t version_ = 0;
};

inline const Birthday kSixteenth{Calendar::kSolar, 2, 16};
inline const Birthday kSeventeenth{Calendar::kSolar, 2, 17};

}  // namespace testing
}  // namespace renxin::notifications
