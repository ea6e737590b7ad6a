#include "shared/db/platform_tables.h"

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/core/text.h"
#include "shared/testing/databases.h"

namespace renxin::db {
namespace {

class PlatformTablesTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    Migrate(url(), url(), PlatformMigrations());
    session_ = std::make_unique<Session>(url());
  }
  void TearDown() override { session_.reset(); }
  std::unique_ptr<Session> session_;
  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
};
RENXIN_ON_BOTH_DATABASES(PlatformTablesTest);

TEST_P(PlatformTablesTest, an_answer_is_remembered_sealed_and_another_request_is_told) {
  Tx tx(*session_, false);
  const Instant at = Instant{1}.Plus(kAnswerKept);
  EXPECT_FALSE(*StoredAnswer(tx, sealer_, "k", "h", {1}));
  StoreAnswer(tx, sealer_, "k", "h", "the answer", {1});
  tx.Flush();
  StoreAnswer(tx, sealer_, "k", "h", "another", {1});
  EXPECT_THROW(tx.Flush(), DbError) << "the first stands";
  EXPECT_EQ(**StoredAnswer(tx, sealer_, "k", "h", {1}), "the answer");
  EXPECT_EQ(StoredAnswer(tx, sealer_, "k", "other", {1}).error().reason, Reason::kIdempotencyKeyReused);
  EXPECT_EQ(**StoredAnswer(tx, sealer_, "k", "h", at), "the answer");
  EXPECT_FALSE(*StoredAnswer(tx, sealer_, "k", "h", {at.micros + 1})) << "a microsecond too old";
  StoreAnswer(tx, sealer_, "k", "h", "another", {2});  // what is forgotten makes room
  EXPECT_EQ(**StoredAnswer(tx, sealer_, "k", "h", {2}), "another");
  const auto raw = tx.First<std::string>("select answer from idempotency where key_hash = 'k'");
  EXPECT_EQ(std::get<0>(*raw).find("answer"), std::string::npos);
}

TEST_P(PlatformTablesTest, what_is_over_is_deleted_the_oldest_first_a_few_at_a_time) {
  Tx tx(*session_, false);
  EXPECT_FALSE(OldestOf(tx, kAgedAnswers));
  for (int at : {5, 1, 4, 2, 3}) StoreAnswer(tx, sealer_, "k" + std::to_string(at), "h", "a", {at});
  tx.Flush();
  const auto left = [&] {
    std::string keys;
    for (const auto& [key] : tx.Select<std::string>("select key_hash from idempotency order by key_hash limit 9")) keys += key;
    return keys;
  };
  EXPECT_EQ(OldestOf(tx, kAgedAnswers)->micros, 1);
  const Batch first = DeleteOldest(tx, kAgedAnswers, {}, {5}, 2);
  EXPECT_EQ(first.rows, 2);
  EXPECT_EQ(first.last.micros, 2);
  EXPECT_EQ(left(), "k3k4k5");
  EXPECT_EQ(OldestOf(tx, kAgedAnswers, first.last)->micros, 3);
  const Batch second = DeleteOldest(tx, kAgedAnswers, first.last, {5}, 9);
  EXPECT_EQ(second.rows, 2) << "what is as old as the limit stays";
  EXPECT_EQ(left(), "k5");
  EXPECT_EQ(DeleteOldest(tx, kAgedAnswers, {6}, {9}, 9).rows, 0) << "what is older than the start of the batch is passed over";
}

// Only what is closed ages, and from the moment it was closed.
TEST_P(PlatformTablesTest, an_open_dead_letter_stays) {
  Tx tx(*session_, false);
  for (const char* closed : {"null, null", "7, null", "null, 8"}) {
    tx.Exec(
        "insert into dead_letters (id, consumer, event_id, subject, reason, attempts, message, created_at, replayed_at, discarded_at) "
        "values (:id, 'c', :event, 's', 'r', 1, 'm', 1, " +
            std::string(closed) + ")",
        {{"id", closed}, {"event", closed}});
  }
  EXPECT_EQ(OldestOf(tx, kClosedDeadLetters)->micros, 7);
  EXPECT_EQ(DeleteOldest(tx, kClosedDeadLetters, {}, {9}, 9).rows, 2);
  EXPECT_EQ(OpenDeadLetters(tx), 1);
}

TEST_P(PlatformTablesTest, an_answer_with_tokens_is_kept_ten_seconds_and_gone_when_the_next_one_comes) {
  Tx tx(*session_, false);
  const std::chrono::seconds ten{10};
  const Instant end = Instant{5}.Plus(ten);
  StoreAnswer(tx, sealer_, "lasting", "h", "a", {5});
  StoreAnswer(tx, sealer_, "tokens", "h", "a", {5}, ten);
  EXPECT_TRUE(*StoredAnswer(tx, sealer_, "tokens", "h", end));
  StoreAnswer(tx, sealer_, "next", "h", "a", {end.micros + 1}, ten);
  EXPECT_EQ(tx.Select<std::string>("select key_hash from idempotency order by key_hash limit 5"),
            (std::vector<std::tuple<std::string>>{{"lasting"}, {"next"}}));
}

TEST_P(PlatformTablesTest, an_event_is_a_row_of_the_same_transaction) {
  leads::v1::CustomerRegistered event;
  event.set_customer_id("c1");
  {
    Tx tx(*session_, false);
    Publish(tx, {"c1", 1, {5}, {6}}, event);
  }
  Tx tx(*session_, false);
  EXPECT_FALSE(tx.First<std::string>("select event_id from outbox")) << "rolled back with its change";
  Publish(tx, {"c1", 1, {5}, {6}}, event);
  const auto row = tx.First<std::string, std::string, std::int64_t, std::optional<std::int64_t>>(
      "select name, body, occurred_at, stream_seq from outbox");
  ASSERT_TRUE(row);
  EXPECT_EQ(std::get<0>(*row), "customer_registered");
  EXPECT_EQ(*FromBase64(std::get<1>(*row)), event.SerializeAsString());
  EXPECT_EQ(std::get<2>(*row), 5);
  EXPECT_FALSE(std::get<3>(*row));
}

TEST_P(PlatformTablesTest, a_timer_is_unique_by_kind_and_key) {
  Tx tx(*session_, false);
  Schedule(tx, "k", "1", {10});
  Schedule(tx, "k", "1", {20});
  Schedule(tx, "k", "2", {30});
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select due_at from timers where kind = 'k' and key = '1'")), 20);
  Unschedule(tx, "k", "2");
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from timers")), 1);
}

TEST_P(PlatformTablesTest, an_alias_never_goes_back_to_an_older_version) {
  Tx tx(*session_, false);
  StoreAlias(tx, "customers", "till", "C1", "id-2", 2);
  tx.Flush();
  StoreAlias(tx, "customers", "till", "C1", "id-1", 1);
  EXPECT_EQ(*ResolveAlias(tx, "customers", "till", "C1"), "id-2");
  EXPECT_FALSE(ResolveAlias(tx, "customers", "desk", "C1"));
}

TEST_P(PlatformTablesTest, G5_history_reads_back_in_order) {
  Tx tx(*session_, false);
  AppendHistory(tx, {"lead", "l1", {1}, "anna", "", "new", ""});
  AppendHistory(tx, {"lead", "l2", {2}, "anna", "", "new", ""});
  const privacy::Sealer sealer(privacy::ServiceKeys::Generate());
  AppendSealedHistory(tx, sealer, {"lead", "l1", {3}, "bert", "new", "lost", "too far"});
  const auto history = HistoryOf(tx, sealer, "lead", "l1");
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[1].by, "bert");
  EXPECT_EQ(history[1].from, "new");
  EXPECT_EQ(history[1].why, "too far");
  // G6: what somebody typed does not lie about in clear.
  EXPECT_EQ(
      std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from history where why = 'too far' or reason like '%far%'")), 0);
}

}  // namespace
}  // namespace renxin::db
