#include "shared/runtime/relay.h"

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/core/text.h"
#include "shared/db/platform_tables.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/rewind.h"
#include "shared/testing/databases.h"

namespace renxin::runtime {
namespace {

using renxin::testing::Eventually;
using std::chrono::seconds;

class RelayTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    db::Migrate(url(), url(), db::PlatformMigrations());
    lanes_ = std::make_unique<db::Lanes>(url(), "relay-test", 2);
    bus_ = renxin::testing::ScratchBus("relay-test");
    js_ = std::make_unique<bus::JetStream>(bus_);
    MakeStream();
  }
  void TearDown() override {
    relay_.reset();
    lanes_.reset();
  }

  void MakeStream() {
    js_->UpsertStream({.name = StreamOf(service_),
                       .subjects = {"ev.renxin." + service_ + ".v1.>", "rp.renxin." + service_ + ".v1.>"},
                       .max_bytes = 64 << 20});
  }
  void DropStream() { bus_->Call("$JS.API.STREAM.DELETE." + StreamOf(service_), {}, "", seconds(3)); }
  void StartRelay() { relay_ = std::make_unique<Relay>(service_, url(), *lanes_, bus_); }

  void Publish(int count, bool notify = true) {
    lanes_->Any().Run(seconds(5), [&](db::Tx& tx) {
      for (int i = 0; i < count; ++i) {
        leads::v1::CustomerRegistered event;
        event.set_customer_id("c" + std::to_string(i));
        db::Publish(tx, {"c" + std::to_string(i), 1, Now(), Now()}, event);
      }
      return true;
    });
    if (notify) relay_->Notify();
  }
  std::int64_t Unsent() {
    std::int64_t count = 0;
    lanes_->Any().Run(seconds(5), [&](db::Tx& tx) {
      count = std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from outbox where stream_seq is null"));
      return true;
    });
    return count;
  }
  // Every event of the outbox stands in the stream at the place that its row names.
  bool AllInPlace() {
    std::vector<std::tuple<std::string, std::int64_t>> rows;
    lanes_->Any().Run(seconds(5), [&](db::Tx& tx) {
      rows = tx.Select<std::string, std::int64_t>("select event_id, coalesce(stream_seq, 0) from outbox limit 10000");
      return true;
    });
    for (const auto& [id, seq] : rows) {
      if (seq == 0 || js_->MessageId(StreamOf(service_), seq) != id) return false;
    }
    return !rows.empty();
  }

  std::string service_ = "t" + ToHex(RandomBytes(5));
  std::unique_ptr<db::Lanes> lanes_;
  std::shared_ptr<bus::Connection> bus_;
  std::unique_ptr<bus::JetStream> js_;
  std::unique_ptr<Relay> relay_;
};
RENXIN_ON_BOTH_DATABASES(RelayTest);

TEST_P(RelayTest, publishes_what_was_committed_and_marks_it) {
  StartRelay();
  Publish(700);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Unsent() == 0; }));
  EXPECT_EQ(js_->Stream(StreamOf(service_))->last_seq, 700);
  EXPECT_TRUE(AllInPlace());
}

// As a replica that died after its commit leaves it.
TEST_P(RelayTest, what_nobody_told_it_of_is_found_by_its_poll) {
  StartRelay();
  Publish(1);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Unsent() == 0; }));
  Publish(3, false);
  EXPECT_TRUE(Eventually(seconds(10), [&] { return Unsent() == 0; }));
  EXPECT_TRUE(AllInPlace());
}

TEST_P(RelayTest, publishes_again_into_a_stream_that_was_wiped) {
  StartRelay();
  Publish(50);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Unsent() == 0; }));
  relay_.reset();
  DropStream();
  MakeStream();
  StartRelay();
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Unsent() == 0 && AllInPlace(); }));
  EXPECT_EQ(js_->Stream(StreamOf(service_))->last_seq, 50);
}

// More than one batch, of two lives of the stream; what is older than anybody reads stays sent.
TEST_P(RelayTest, marks_unsent_what_is_lost_batch_by_batch) {
  lanes_->Any().Run(seconds(5), [&](db::Tx& tx) {
    const db::InsertSpec rows{.table = "outbox",
                              .columns = {"event_id", "name", "aggregate_id", "aggregate_version", "occurred_at", "recorded_at", "body",
                                          "stream_epoch", "stream_seq"}};
    for (std::int64_t i = 1; i <= 5'000; ++i) {
      const bool first = i <= 500;
      tx.Stage(rows, {NewId(), std::string("customer_registered"), std::string("c"), i, i, i, std::string(), std::string(first ? "a" : "b"),
                      first ? i : i - 500});
    }
    return true;
  });
  db::Session session(url());
  const auto highest = HighestPlaces(session);
  EXPECT_EQ(highest, (std::map<std::string, std::int64_t>{{"a", 500}, {"b", 4'500}}));
  EXPECT_TRUE(AnyRecordedAfter(session, "a", Instant{499}));
  EXPECT_FALSE(AnyRecordedAfter(session, "a", Instant{500}));
  const auto never = [] { return false; };
  EXPECT_EQ(MarkUnsent(lanes_->Any(), "b", 300, 4'500, Instant{0}, never), 4'200);
  EXPECT_EQ(Unsent(), 4'200);
  EXPECT_EQ(MarkUnsent(lanes_->Any(), "b", 300, 4'500, Instant{0}, never), 0) << "once";
  EXPECT_EQ(MarkUnsent(lanes_->Any(), "a", 0, 500, Instant{400}, never), 100);
  EXPECT_EQ(HighestPlaces(session), (std::map<std::string, std::int64_t>{{"a", 400}, {"b", 300}}));
  EXPECT_EQ(MarkUnsent(lanes_->Any(), "b", 0, 300, Instant{0}, [] { return true; }), 0) << "a stop is not waited for";
}

// Truncated and filled again: the stream has as many messages as before, but others stand in our places.
TEST_P(RelayTest, sees_that_others_stand_in_its_places) {
  StartRelay();
  Publish(20);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Unsent() == 0; }));
  relay_.reset();
  const std::string epoch = js_->Stream(StreamOf(service_))->created;
  lanes_->Any().Run(seconds(5), [&](db::Tx& tx) {
    // As if the last five had been stored elsewhere in a life of the stream that is forgotten.
    tx.Exec("update outbox set stream_seq = stream_seq + 3 where stream_seq > 15");
    return true;
  });
  StartRelay();
  EXPECT_TRUE(Eventually(seconds(10), [&] { return Unsent() == 0 && AllInPlace(); }));
  EXPECT_EQ(js_->Stream(StreamOf(service_))->created, epoch);
}

TEST_P(RelayTest, replays_to_one_consumer_alone) {
  StartRelay();
  const Instant before = Now();
  Publish(5);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Unsent() == 0; }));
  js_->CreateConsumer(
      {.stream = StreamOf(service_), .durable = "late", .subjects = {ReplaySubject(service_, "late", "customer_registered")}});
  js_->CreateConsumer(
      {.stream = StreamOf(service_), .durable = "other", .subjects = {ReplaySubject(service_, "other", "customer_registered")}});
  const auto replayed = relay_->Replay("late", before);
  ASSERT_TRUE(replayed);
  EXPECT_EQ(*replayed, 5);
  // The server acknowledges a message before its consumers have counted it.
  EXPECT_TRUE(Eventually(seconds(5), [&] { return js_->Consumer(StreamOf(service_), "late")->pending == 5; }));
  EXPECT_EQ(js_->Consumer(StreamOf(service_), "other")->pending, 0);
}

}  // namespace
}  // namespace renxin::runtime
