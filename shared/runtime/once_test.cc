#include "shared/runtime/once.h"

#include <future>

#include "shared/testing/databases.h"

namespace renxin::runtime {
namespace {

using std::chrono::seconds;

// A thing that can be closed once; how often it was is counted, and how often somebody came too late.
class OnceTest : public renxin::testing::OnServiceTables {
 protected:
  OnceTest() : OnServiceTables({}) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([](db::Tx& tx) {
      tx.Exec("create table things (id bigint primary key, open bigint not null, closings bigint not null, late bigint not null)");
      tx.Exec("insert into things (id, open, closings, late) values (1, 1, 0, 0)");
    });
  }

  Result<std::string> Close(db::Tx& tx, bool keep_writes) {
    if (tx.Exec("update things set open = 0, closings = closings + 1 where open = 1") == 1) return std::string("closed");
    tx.Exec("update things set late = late + 1");
    return Error{Code::kConflict, Reason::kWrongState, "it is closed", {}, 0, keep_writes};
  }
  Outcome CloseOnce(db::Tx& tx, const OnceKey& key, bool keep_writes = false) {
    return RunOnce(tx, sealer_, key, {1}, [&] { return Close(tx, keep_writes); });
  }
  // In a transaction of its own, as a lane would.
  Outcome Alone(const OnceKey& key, bool keep_writes = false) {
    db::Tx tx(session(), false);
    Outcome outcome = CloseOnce(tx, key, keep_writes);
    tx.Flush();
    outcome.commit ? tx.Commit() : tx.Rollback();
    return outcome;
  }
  std::pair<std::int64_t, std::int64_t> Counted() {
    return Do([](db::Tx& tx) {
      const auto row = *tx.First<std::int64_t, std::int64_t>("select closings, late from things");
      return std::pair{std::get<0>(row), std::get<1>(row)};
    });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  const OnceKey key_{"k", "h"};
};
RENXIN_ON_BOTH_DATABASES(OnceTest);

TEST_P(OnceTest, the_same_key_again_gets_the_answer_and_acts_no_more) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*Alone(key_).answer, "closed");
  EXPECT_EQ(Counted(), std::pair(1L, 0L));
  EXPECT_EQ(Alone({"k", "another"}).answer.error().reason, Reason::kIdempotencyKeyReused);
}

// As a reader does before a preflight call: it changes nothing, not even an answer whose time is over.
TEST_P(OnceTest, what_is_remembered_can_be_read_without_writing) {
  Alone(key_);
  const auto read = [&](const OnceKey& key, Instant now) {
    db::Tx tx(session(), true);
    return RememberedAnswer(tx, sealer_, key, now);
  };
  EXPECT_EQ(*read(key_, {1}), "closed");
  EXPECT_EQ(*read({"other", "h"}, {1}), std::nullopt);
  EXPECT_EQ(read({"k", "another"}, {1}).error().reason, Reason::kIdempotencyKeyReused);
  EXPECT_EQ(*read(key_, Instant{2}.Plus(db::kAnswerKept)), std::nullopt);
}

TEST_P(OnceTest, a_refusal_is_not_remembered_and_keeps_its_writes_only_where_it_says_so) {
  EXPECT_EQ(*Alone({"", ""}).answer, "closed");
  for (const OnceKey& key : {OnceKey{"", ""}, key_}) {
    EXPECT_EQ(Alone(key).answer.error().message, "it is closed");
    EXPECT_EQ(Alone(key, true).answer.error().message, "it is closed");
  }
  EXPECT_EQ(Counted(), std::pair(1L, 2L));
  Do([](db::Tx& tx) { tx.Exec("update things set open = 1"); });
  EXPECT_EQ(*Alone(key_).answer, "closed") << "the refusals before do not stand in its way";
}

// Two replicas are asked the same at the same moment, as a client does that waited too briefly. The second waits for the row; what it
// then finds is what the first did, and that must neither refuse it nor be written down as somebody's mistake.
TEST_P(OnceTest, at_the_same_moment_from_two_sides_both_get_the_answer) {
  for (const bool keep_writes : {false, true}) {
    const OnceKey key{keep_writes ? "k1" : "k0", "h"};
    Do([](db::Tx& tx) { tx.Exec("update things set open = 1, closings = 0, late = 0"); });
    std::promise<void> looked;
    std::future<Outcome> second;
    {
      db::Tx first(session(), false);
      EXPECT_EQ(*CloseOnce(first, key).answer, "closed");
      second = std::async(std::launch::async, [&] {
        db::Session other(url());
        if (db::IsSqlite(url())) looked.set_value();  // one writer a file: it waits before it looks
        db::Tx tx(other, false);
        Outcome outcome = RunOnce(tx, sealer_, key, {1}, [&] {
          if (!db::IsSqlite(url())) looked.set_value();
          return Close(tx, keep_writes);
        });
        outcome.commit ? tx.Commit() : tx.Rollback();
        return outcome;
      });
      ASSERT_EQ(looked.get_future().wait_for(seconds(10)), std::future_status::ready);
      first.Flush();
      first.Commit();
    }
    const Outcome outcome = second.get();
    ASSERT_TRUE(outcome.answer.ok()) << outcome.answer.error().message;
    EXPECT_EQ(*outcome.answer, "closed");
    EXPECT_EQ(Counted(), std::pair(1L, 0L));
  }
}

// Where nothing made the second wait or refuse, its success is one too many.
TEST_P(OnceTest, what_succeeds_twice_is_taken_back_and_looks_again) {
  db::Tx tx(session(), false);
  const auto racing = [&]() -> Result<std::string> {
    db::StoreAnswer(tx, sealer_, "k", "h", "0\nthe other's", {1});
    return std::string("mine");
  };
  try {
    RunOnce(tx, sealer_, key_, {1}, racing);
    tx.Flush();
    ADD_FAILURE() << "it did not notice";
  } catch (const db::DbError& error) {
    EXPECT_EQ(error.kind(), db::ErrorKind::kRetry);
  }
  EXPECT_EQ(*RunOnce(tx, sealer_, key_, {1}, racing).answer, "the other's");
}

}  // namespace
}  // namespace renxin::runtime
