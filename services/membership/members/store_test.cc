#include "services/membership/members/store.h"

#include "services/membership/complaints/handlers.h"
#include "services/membership/members/handlers.h"
#include "services/membership/members/refresh.h"
#include "services/membership/points/handlers.h"
#include "services/membership/surveys/handlers.h"
#include "services/membership/testing.h"

namespace renxin::membership {
namespace {

using members::Class;
using members::FactKind;

class MembersTest : public StoreTest {
 protected:
  v1::Complaint Dispute(v1::ComplaintOutcome outcome, v1::Satisfaction satisfaction) {
    v1::OpenComplaintRequest open;
    open.set_customer_id(customer_);
    open.set_text("王芳 says it hurts");
    v1::Complaint complaint = *Call(&complaints::OpenComplaint, open);
    if (outcome == v1::COMPLAINT_OUTCOME_UNSPECIFIED) return complaint;
    v1::InvestigateComplaintRequest investigate;
    investigate.set_id(complaint.id());
    investigate.set_note("called 王芳");
    EXPECT_TRUE(Call(&complaints::InvestigateComplaint, investigate));
    v1::ResolveComplaintRequest resolve;
    resolve.set_id(complaint.id());
    resolve.set_outcome(outcome);
    resolve.set_satisfaction(satisfaction);
    return *Call(&complaints::ResolveComplaint, resolve);
  }
};
RENXIN_ON_BOTH_DATABASES(MembersTest);

TEST_P(MembersTest, M3_every_change_is_in_the_history_with_the_fact_that_moved_it) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  Deliver(Sale("s2", "2026-05-02T10:00:00+08:00", 100'00));
  v1::RecordSurveyRequest survey;
  survey.set_customer_id(customer_);
  survey.set_satisfaction(v1::SATISFACTION_SATISFIED);
  const std::string survey_id = Call(&surveys::RecordSurvey, survey)->id();
  const v1::Complaint complaint = Dispute(v1::COMPLAINT_OUTCOME_REPAIRED, v1::SATISFACTION_FAIR);
  Deliver(Sale("s3", "2026-05-11T10:00:00+08:00", 100'00));
  const v1::Complaint refunded = Dispute(v1::COMPLAINT_OUTCOME_REFUNDED, v1::SATISFACTION_UNSPECIFIED);
  const std::vector<std::tuple<Class, Class, FactKind, std::string>> expected{
      {Class::kNone, Class::kB, FactKind::kSettlement, "s1"},       {Class::kB, Class::kA, FactKind::kSettlement, "s2"},
      {Class::kA, Class::kAA, FactKind::kSurvey, survey_id},        {Class::kAA, Class::kC, FactKind::kComplaint, complaint.id()},
      {Class::kC, Class::kB, FactKind::kComplaint, complaint.id()}, {Class::kB, Class::kAA, FactKind::kSettlement, "s3"},
      {Class::kAA, Class::kC, FactKind::kComplaint, refunded.id()}, {Class::kC, Class::kJ, FactKind::kComplaint, refunded.id()}};
  const std::vector<members::ClassChange> history = History();
  ASSERT_EQ(history.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(std::make_tuple(history[i].from, history[i].to, history[i].kind, history[i].fact_id), expected[i]) << i;
  EXPECT_TRUE(history[1].factor_a);
  EXPECT_FALSE(history[1].factor_b);
  EXPECT_EQ(history[1].net_spend, 200'00);
  EXPECT_EQ(Number("select count(*) from outbox where name = 'member_changed'"), 8);
}

TEST_P(MembersTest, M1_told_twice_and_out_of_order_it_is_the_same) {
  const auto first = Sale("s1", "2026-05-01T10:00:00+08:00", 100'00);
  const auto corrected = Sale("s1", "2026-05-01T10:00:00+08:00", 300'00, 2);
  const auto second = Sale("s2", "2026-05-02T10:00:00+08:00", 100'00);
  for (const auto& event : {second, corrected, first, corrected, second}) Deliver(event);
  const members::Row row = Member(customer_);
  EXPECT_EQ(row.member_class, Class::kA);
  EXPECT_EQ(row.net_spend, 400'00);
  EXPECT_EQ(row.points_balance, 400);
  EXPECT_EQ(*row.since, *ParseTime("2026-05-01T10:00:00+08:00"));
  EXPECT_EQ(Number("select count(*) from settlement_facts"), 2);
  EXPECT_EQ(Number("select sum(points) from points_ledger"), 400);
  EXPECT_EQ(History().size(), 2U);
}

TEST_P(MembersTest, M1_who_has_no_purchase_any_more_is_no_member_and_a_refund_ends_nothing) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  Deliver(Sale("r1", "2026-05-02T10:00:00+08:00", -100'00));
  EXPECT_EQ(Member(customer_).member_class, Class::kB);
  Deliver(Sale("s1", "", 100'00, 2));
  members::Row row = Member(customer_);
  EXPECT_FALSE(row.since);
  EXPECT_EQ(row.member_class, Class::kNone);
  EXPECT_EQ(row.source, "");
  Deliver(Sale("s1", "2026-05-03T10:00:00+08:00", 100'00, 3));
  row = Member(customer_);
  EXPECT_EQ(row.member_class, Class::kB);
  EXPECT_EQ(*row.since, *ParseTime("2026-05-03T10:00:00+08:00"));
  EXPECT_EQ(row.version, 3);
}

TEST_P(MembersTest, L7_a_settlement_that_was_corrected_to_another_customer_leaves_the_first) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  const std::string first = customer_;
  customer_ = NewId();
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00, 2));
  EXPECT_EQ(Member(first).member_class, Class::kNone);
  EXPECT_EQ(Member(first).points_balance, 0);
  EXPECT_EQ(Member(customer_).member_class, Class::kB);
  EXPECT_EQ(Member(customer_).points_balance, 100);
}

TEST_P(MembersTest, G3_the_day_is_the_hospitals) {
  Deliver(Sale("s1", "2026-05-01T15:59:59Z", 100));
  Deliver(Sale("s2", "2026-05-01T16:00:00Z", 100));
  EXPECT_TRUE(Member(customer_).factor_a);
}

TEST_P(MembersTest, M2_an_event_from_before_there_was_a_quantity_counts_as_one) {
  auto event = Sale("s1", "2026-05-01T10:00:00+08:00", 100);
  event.mutable_lines(0)->set_category("skin_course");
  event.mutable_lines(0)->clear_quantity();
  Deliver(event);
  EXPECT_FALSE(Member(customer_).factor_a);
  event.set_version(2);
  event.mutable_lines(0)->set_quantity(6);
  Deliver(event);
  EXPECT_TRUE(Member(customer_).factor_a);
}

TEST_P(MembersTest, what_is_malformed_is_refused) {
  const auto good = Sale("s2", "2026-05-01T10:00:00+08:00", 100);
  const std::vector<Status> done = DeliverAll({Sale("s1", "yesterday", 100), good, Sale("", "2026-05-01T10:00:00+08:00", 100)});
  EXPECT_EQ(done[0].error().message, "malformed: settled_at is no time");
  EXPECT_TRUE(done[1]);
  EXPECT_EQ(done[2].error().message, "malformed: settlement without id, customer or version");
  EXPECT_EQ(Member(customer_).net_spend, 100);
}

// Whatever of a stream shares a transaction, everything that is kept and published is the same.
TEST_P(MembersTest, M3_told_together_or_one_by_one_the_outcome_is_the_same) {
  const std::string at = "T10:00:00+08:00";
  const std::string other = NewId();
  const std::string first = customer_;
  std::vector<leads::v1::SettlementRecorded> events{Sale("s1", "2026-05-01" + at, 100'00),   Sale("s2", "2026-05-02" + at, 30'000'00),
                                                    Sale("r1", "2026-05-03" + at, -50'00),   Sale("s1", "2026-05-01" + at, 200'00, 2),
                                                    Sale("s1", "2026-05-01" + at, 100'00),   Sale("s3", "", 100'00),
                                                    Sale("s3", "2026-05-04" + at, 100'00, 2)};
  auto corrected = Sale("s2", "2026-05-02" + at, 30'000'00, 2);
  corrected.set_customer_id(other);
  events.push_back(corrected);
  const auto all = [&] {
    std::vector<std::string> out;
    for (const std::string& customer : {first, other}) {
      const members::Row row = Member(customer);
      out.push_back(std::string(members::Name(row.member_class)) + " " + std::to_string(row.net_spend) + " " + std::to_string(row.version) +
                    " " + std::to_string(row.points_balance) + " " + std::to_string(row.points_debt));
      customer_ = customer;
      for (const members::ClassChange& change : History())
        out.push_back(std::string(members::Name(change.from)) + ">" + std::string(members::Name(change.to)) + " by " + change.fact_id);
    }
    return out;
  };
  for (const auto& event : events) Deliver(event);
  const std::vector<std::string> one_by_one = all();
  const std::int64_t entries = Number("select count(*) from points_ledger where customer_id = '" + first + "'");
  TearDown();
  SetUp();
  DeliverAll(events);
  EXPECT_EQ(all(), one_by_one);
  EXPECT_GE(entries, Number("select count(*) from points_ledger where customer_id = '" + first + "'"));
  EXPECT_EQ(Number("select sum(points) from points_ledger where customer_id = '" + first + "'"), Member(first).points_balance);
}

TEST_P(MembersTest, what_is_told_of_an_event_bears_its_trace) {
  const std::string first = customer_;
  const auto one = Sale("s1", "2026-05-01T10:00:00+08:00", 100'00);
  customer_ = NewId();
  const auto other = Sale("s2", "2026-05-01T10:00:00+08:00", 100'00);
  DeliverAll({one, other});
  db::Tx tx(session(), false);
  std::map<std::pair<std::string, std::string>, std::string> traces;
  for (auto& [name, id, trace] : tx.Select<std::string, std::string, std::string>(
           "select name, aggregate_id, traceparent from outbox where name in ('member_changed', 'points_changed') limit 10"))
    traces[{name, id}] = trace.substr(0, 35);
  ASSERT_EQ(traces.size(), 4U);
  for (const char* name : {"member_changed", "points_changed"}) {
    EXPECT_EQ((traces[{name, first}]), traces_[0].ToHeader().substr(0, 35)) << name;
    EXPECT_EQ((traces[{name, customer_}]), traces_[1].ToHeader().substr(0, 35)) << name;
  }
}

// Two replicas are brought the same settlement at the same moment: one of them must look again.
TEST_P(MembersTest, a_settlement_that_somebody_else_told_meanwhile_is_not_written_over) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00, 2));
  const auto fact = [&](std::int64_t before) {
    members::NewFact out{.fact = {.settled_on = {},
                                  .settled_at = std::nullopt,
                                  .event = std::make_shared<const leads::v1::SettlementRecorded>(Sale("s1", "", 1, 3))},
                         .before = before};
    return out;
  };
  for (const std::int64_t before : {0, 1}) {
    db::Tx tx(session(), false);
    EXPECT_THROW(members::StoreAll(tx, {fact(before)}), db::DbError) << before;
  }
  Do([&](Tx& tx) { members::StoreAll(tx, {fact(2)}); });
  EXPECT_EQ(Number("select version from settlement_facts"), 3);
}

TEST_P(MembersTest, counts_by_class_and_by_the_source_that_made_them_members) {
  const std::string first = customer_;
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 30'000'00));
  Deliver(Sale("s2", "2026-05-02T10:00:00+08:00", 100));
  customer_ = NewId();
  Deliver(Sale("s3", "2026-05-01T10:00:00+08:00", 100));
  customer_ = NewId();
  Deliver(Sale("r1", "2026-05-01T10:00:00+08:00", -100));
  v1::CountMembersRequest req;
  req.set_imported_from("till");
  req.set_group_by("class");
  const auto counts = *Call(&members::CountMembers, req);
  EXPECT_EQ(counts.members(), 2);
  EXPECT_EQ(counts.factor_a(), 1);
  EXPECT_EQ(counts.factor_b(), 1);
  ASSERT_EQ(counts.counts_size(), 2);
  EXPECT_EQ(counts.counts(0).key(), "AA");
  EXPECT_EQ(counts.counts(1).key(), "B");
  req.set_imported_from("desk");
  EXPECT_EQ(Call(&members::CountMembers, req)->members(), 0);
  v1::ListMembersRequest list;
  list.set_page_size(1);
  const auto page = *Call(&members::ListMembers, list);
  ASSERT_EQ(page.members_size(), 1);
  list.set_page_token(page.next_page_token());
  EXPECT_EQ(Call(&members::ListMembers, list)->members_size(), 1);
  list.clear_page_token();
  list.set_member_class(v1::MEMBER_CLASS_AA);
  EXPECT_EQ(Call(&members::ListMembers, list)->members(0).customer_id(), first);
}

TEST_P(MembersTest, G6_what_is_written_of_a_complaint_is_sealed_and_read_for_a_reason) {
  const v1::Complaint complaint = Dispute(v1::COMPLAINT_OUTCOME_UNFOUNDED, v1::SATISFACTION_UNSPECIFIED);
  {
    db::Tx tx(session(), false);
    for (auto& [note] : tx.Select<std::string>("select note from complaint_notes limit 10"))
      EXPECT_EQ(note.find("王芳"), std::string::npos);
    for (auto& [why] : tx.Select<std::string>("select why from history where record_kind = 'complaint' limit 10"))
      EXPECT_EQ(why.find("王芳"), std::string::npos);
  }
  v1::RevealComplaintRequest req;
  req.set_id(complaint.id());
  req.set_reason("asked by the customer");
  const auto revealed = *Call(&complaints::RevealComplaint, req);
  ASSERT_EQ(revealed.notes_size(), 2);
  EXPECT_EQ(revealed.notes(0).text(), "王芳 says it hurts");
  EXPECT_EQ(revealed.notes(1).text(), "called 王芳");
  v1::GetComplaintHistoryRequest get;
  get.set_id(complaint.id());
  const auto history = *Call(&complaints::GetComplaintHistory, get);
  ASSERT_EQ(history.entries_size(), 4);
  EXPECT_EQ(history.entries(2).from() + " " + history.entries(2).to() + " " + history.entries(2).why(), "investigating resolved unfounded");
  EXPECT_EQ(history.entries(3).to(), "revealed");
}

TEST_P(MembersTest, a_policy_is_followed_from_its_day_on_and_every_class_looked_at_again) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 500'00));
  v1::ChangePolicyRequest req;
  *req.mutable_policy() = policy::PolicySpec::Default();
  req.mutable_policy()->set_net_spend_fen(500'00);
  req.set_reason("we decided so");
  req.set_effective_from("2026-05-10");
  EXPECT_EQ(Call(&renxin::policies::ChangePolicy<policy::PolicySpec>, req).error().fields.front().message,
            "must be after today, 2026-05-10");
  req.set_effective_from("2026-05-11");
  EXPECT_EQ(Call(&renxin::policies::ChangePolicy<policy::PolicySpec>, req)->version(), 2);
  EXPECT_EQ(Number("select due_at from timers where kind = 'membership_review'"), ParseTime("2026-05-11T00:00:00+08:00")->micros);
  now_ = *ParseTime("2026-05-11T00:00:00+08:00");
  Do([this](Tx& tx) { members::Review(tx, {.now = now_, .key = "2/", .env = env_}); });
  EXPECT_EQ(Member(customer_).member_class, Class::kA);
  EXPECT_EQ(History().back().kind, FactKind::kPolicy);
  EXPECT_EQ(History().back().fact_id, "2");
}

TEST_P(MembersTest, a_review_goes_on_where_it_stopped) {
  for (int i = 0; i < 201; ++i) {
    customer_ = NewId();
    Deliver(Sale("s" + std::to_string(i), "2026-05-01T10:00:00+08:00", 100));
  }
  Do([this](Tx& tx) { members::Review(tx, {.now = now_, .key = "2/", .env = env_}); });
  std::string next;
  {
    db::Tx tx(session(), false);
    next = std::get<0>(*tx.First<std::string>("select key from timers where kind = 'membership_review'"));
  }
  EXPECT_EQ(next.size(), 2U + 36U);
  Do([&](Tx& tx) {
    tx.Exec("delete from timers where kind = 'membership_review'");
    members::Review(tx, {.now = now_, .key = next, .env = env_});
  });
  EXPECT_EQ(Number("select count(*) from timers where kind = 'membership_review'"), 0);
}

TEST_P(MembersTest, what_happened_is_never_changed_or_taken_away) {
  // Every table has a row: SQLite asks its triggers row by row.
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  v1::RecordSurveyRequest survey;
  survey.set_customer_id(customer_);
  survey.set_satisfaction(v1::SATISFACTION_FAIR);
  ASSERT_TRUE(Call(&surveys::RecordSurvey, survey));
  v1::RedeemPointsRequest redeem;
  redeem.set_customer_id(customer_);
  redeem.set_points(1);
  redeem.set_reason("goods");
  v1::ReverseRedemptionRequest reverse;
  reverse.set_customer_id(customer_);
  reverse.set_redemption_id(Call(&points::RedeemPoints, redeem)->id());
  reverse.set_reason("mistaken");
  ASSERT_TRUE(Call(&points::ReverseRedemption, reverse));
  for (const std::string table : {"class_changes", "points_ledger", "redemptions", "redemption_reversals", "surveys"}) {
    EXPECT_GT(Number("select count(*) from " + table), 0) << table;
    const std::string column = table == "surveys" ? "answered_at" : "at";
    for (const std::string& sql : {"delete from " + table, "update " + table + " set " + column + " = 1"}) {
      db::Session session(url());
      db::Tx tx(session, false);
      EXPECT_THROW(tx.Exec(sql), db::DbError) << sql;
    }
  }
}

}  // namespace
}  // namespace renxin::membership
