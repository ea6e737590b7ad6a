#include "shared/runtime/consumer.h"

#include <atomic>

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/core/text.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/relay.h"
#include "shared/testing/databases.h"

namespace renxin::runtime {
namespace {

using renxin::testing::Eventually;
using std::chrono::seconds;

class ConsumerTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    db::Migrate(url(), url(), db::PlatformMigrations());
    lanes_ = std::make_unique<db::Lanes>(url(), "consumer-test", 2);
    readers_ = std::make_unique<db::Readers>(url(), 1, 16);
    lanes_->Any().Run(seconds(5), [](db::Tx& tx) {
      tx.Exec("create table effects (customer_id text not null)");
      return true;
    });
    bus_ = renxin::testing::ScratchBus("consumer-test");
    js_ = std::make_unique<bus::JetStream>(bus_);
    UpsertStream();
  }
  void TearDown() override {
    consumer_.reset();
    readers_.reset();
    lanes_.reset();
  }

  void UpsertStream() {
    js_->UpsertStream({.name = StreamOf(publisher_),
                       .subjects = {"ev.renxin." + publisher_ + ".v1.>", "rp.renxin." + publisher_ + ".v1.>"},
                       .max_bytes = 64 << 20});
  }

  void Start(std::chrono::milliseconds check_every = Consumer::kCheckEvery) {
    Reaction reaction{.consumer = consumer_name_,
                      .publisher = publisher_,
                      .event = "customer_registered",
                      .make = [] { return std::make_unique<leads::v1::CustomerRegistered>(); },
                      .run = OneByOne([this](Tx& tx, const EventContext&, const google::protobuf::Message& message) -> Status {
                        const auto& event = static_cast<const leads::v1::CustomerRegistered&>(message);
                        if (event.customer_id() == "throws" && failing_) throw std::runtime_error("not today");
                        tx.Exec("insert into effects (customer_id) values (:id)", {{"id", event.customer_id()}});
                        if (event.customer_id() == "refused") return Error{Code::kInvalidArgument, Reason::kMalformedRequest, "not ours"};
                        return Ok{};
                      })};
    consumer_ = std::make_unique<Consumer>(std::move(reaction), env_, *lanes_, *readers_, bus_, check_every);
  }

  // Copies have message ids of their own: the stream takes them all, as after a lost window.
  void Send(const std::string& customer, const std::string& event_id, int times = 1, const std::string& body = "") {
    leads::v1::CustomerRegistered event;
    event.set_customer_id(customer);
    std::vector<bus::JetStream::Outgoing> messages;
    messages.reserve(static_cast<std::size_t>(times));
    for (int i = 0; i < times; ++i) {
      messages.push_back({EventSubject(publisher_, "customer_registered"),
                          {{"Nats-Msg-Id", i == 0 ? event_id : NewId()},
                           {"ce-id", event_id},
                           {"ce-subject", customer},
                           {"ce-time", "2026-01-01T00:00:00Z"},
                           {"renxin-recorded", "2026-01-01T00:00:00Z"},
                           {"renxin-version", "1"}},
                          body.empty() ? event.SerializeAsString() : body});
    }
    for (const bus::PubAck& ack : js_->PublishAll(messages, seconds(5))) ASSERT_TRUE(ack.stored);
  }
  std::int64_t CountOf(const std::string& sql) {
    std::int64_t count = 0;
    lanes_->Any().Run(seconds(5), [&](db::Tx& tx) {
      count = std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from " + sql));
      return true;
    });
    return count;
  }
  bool Idle() {
    const auto state = js_->Consumer(StreamOf(publisher_), consumer_name_);
    return state && state->pending == 0 && state->ack_pending == 0;
  }

  std::string publisher_ = "t" + ToHex(RandomBytes(5));
  std::string consumer_name_ = "test_on-customer-" + publisher_;
  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  std::atomic<bool> failing_{true};
  std::unique_ptr<db::Lanes> lanes_;
  std::unique_ptr<db::Readers> readers_;
  std::shared_ptr<bus::Connection> bus_;
  std::unique_ptr<bus::JetStream> js_;
  std::unique_ptr<Consumer> consumer_;
};
RENXIN_ON_BOTH_DATABASES(ConsumerTest);

TEST_P(ConsumerTest, every_event_acts_once_however_often_it_comes) {
  for (int i = 0; i < 300; ++i) Send("c" + std::to_string(i), NewId(), 2);
  Start();
  ASSERT_TRUE(Eventually(seconds(15), [&] { return CountOf("effects") >= 300 && Idle(); }));
  EXPECT_EQ(CountOf("effects"), 300);
  EXPECT_EQ(CountOf("inbox"), 300);
}

TEST_P(ConsumerTest, malformed_ones_are_dead_letters_at_once_and_block_nobody) {
  for (int i = 0; i < 100; ++i) {
    Send("c" + std::to_string(i), NewId());
    if (i % 20 == 0) Send("bad", NewId(), 1, "\xFF\xFF\xFF not a message");
  }
  Start();
  ASSERT_TRUE(Eventually(seconds(15), [&] { return CountOf("effects") == 100 && Idle(); }));
  EXPECT_EQ(CountOf("dead_letters"), 5);
}

TEST_P(ConsumerTest, a_reaction_that_writes_and_then_refuses_keeps_nothing_it_wrote) {
  for (int i = 0; i < 60; ++i) Send(i % 3 == 1 ? "refused" : "c" + std::to_string(i), NewId());
  Start();
  ASSERT_TRUE(Eventually(seconds(15), [&] { return CountOf("effects") >= 40 && Idle(); }));
  EXPECT_EQ(CountOf("effects"), 40);
  EXPECT_EQ(CountOf("effects where customer_id = 'refused'"), 0);
  EXPECT_EQ(CountOf("dead_letters where reason = 'not ours'"), 20);
  EXPECT_EQ(CountOf("inbox"), 60);
}

TEST_P(ConsumerTest, what_throws_is_retried_and_spoils_no_neighbour) {
  Send("c1", NewId());
  Send("throws", NewId());
  Send("c2", NewId());
  Start();
  ASSERT_TRUE(Eventually(seconds(10), [&] { return CountOf("effects") == 2 && CountOf("consumer_attempts") == 1; }));
  failing_ = false;
  ASSERT_TRUE(Eventually(seconds(15), [&] { return CountOf("effects") == 3 && Idle(); }));
  EXPECT_EQ(CountOf("dead_letters"), 0);
}

// A durable that stands ahead of its stream is delivered nothing, with no error (pitfalls F4).
TEST_P(ConsumerTest, a_stream_that_was_made_anew_is_read_from_its_start) {
  Send("c1", NewId());
  Send("c2", NewId());
  Start();
  ASSERT_TRUE(Eventually(seconds(10), [&] { return CountOf("effects") == 2 && Idle(); }));
  consumer_.reset();
  bus_->Call("$JS.API.STREAM.DELETE." + StreamOf(publisher_), {}, "", seconds(3));
  UpsertStream();
  Send("c3", NewId());
  Start();
  ASSERT_TRUE(Eventually(seconds(10), [&] { return CountOf("effects") == 3 && Idle(); }));
}

// It looks at consumer and stream one after the other: a stream that grows between the two was not reset.
TEST_P(ConsumerTest, a_stream_that_grows_is_not_taken_for_rewound) {
  const auto was_reset = [&] {
    return observe::MetricsText().find("renxin_consumer_stream_resets_total{consumer=\"" + consumer_name_) != std::string::npos;
  };
  Start(std::chrono::milliseconds(0));
  for (int i = 0; i < 2'000; ++i) Send("c" + std::to_string(i), NewId());
  ASSERT_TRUE(Eventually(seconds(30), [&] { return CountOf("effects") == 2'000 && Idle(); }));
  EXPECT_FALSE(was_reset());
  // And one that was is noticed by the same count.
  bus_->Call("$JS.API.STREAM.DELETE." + StreamOf(publisher_), {}, "", seconds(3));
  UpsertStream();
  EXPECT_TRUE(Eventually(seconds(10), was_reset));
}

TEST_P(ConsumerTest, a_message_packs_and_unpacks) {
  bus::Message message;
  message.subject = "ev.x";
  message.headers = {{"ce-id", "1"}};
  message.body = std::string("\0\xFF", 2);
  const bus::Message back = UnpackMessage(PackMessage(message));
  EXPECT_EQ(back.subject, "ev.x");
  EXPECT_EQ(back.body, message.body);
  EXPECT_EQ(bus::FindHeader(back.headers, "ce-id"), "1");
}

}  // namespace
}  // namespace renxin::runtime
