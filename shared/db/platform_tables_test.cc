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

TEST_P(PlatformTablesTest, housekeeping_forgets_answers_after_72_hours) {
  Tx tx(*session_, false);
  const std::int64_t hour = 3'600'000'000;
  StoreAnswer(tx, sealer_, "old", "h", "a", {0});
  StoreAnswer(tx, sealer_, "young", "h", "a", {2 * hour});
  Housekeep(tx, {73 * hour});
  EXPECT_EQ(tx.Select<std::string>("select key_hash from idempotency limit 5"), (std::vector<std::tuple<std::string>>{{"young"}}));
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
