#include "shared/bus/jetstream.h"

#include <set>

#include "shared/core/text.h"
#include "shared/testing/databases.h"

namespace renxin::bus {
namespace {

using std::chrono::milliseconds;

struct Stream {
  std::shared_ptr<Connection> bus = renxin::testing::ScratchBus("jetstream-test");
  JetStream js{bus};
  std::string name = "T_" + ToHex(RandomBytes(6));
  Stream() { js.UpsertStream({.name = name, .subjects = {name + ".>"}, .max_bytes = 64 << 20}); }

  std::vector<PubAck> Publish(int count, int first = 0) {
    std::vector<JetStream::Outgoing> messages;
    for (int i = first; i < first + count; ++i)
      messages.push_back({name + ".a", {{"Nats-Msg-Id", "m" + std::to_string(i)}}, std::to_string(i)});
    return js.PublishAll(messages, milliseconds(5'000));
  }
  void MakeConsumer() { js.CreateConsumer({.stream = name, .durable = "c", .subjects = {name + ".a", name + ".replay"}}); }
};

TEST(JetStream, acknowledges_in_order_and_knows_its_messages_again) {
  Stream stream;
  const std::vector<PubAck> acks = stream.Publish(3'000);
  for (std::size_t i = 0; i < acks.size(); ++i) {
    ASSERT_TRUE(acks[i].stored);
    ASSERT_EQ(acks[i].seq, static_cast<std::int64_t>(i) + 1);
  }
  EXPECT_EQ(stream.js.Stream(stream.name)->last_seq, 3'000);
  EXPECT_EQ(*stream.js.MessageId(stream.name, 17), "m16");
  EXPECT_FALSE(stream.js.MessageId(stream.name, 3'001));
  EXPECT_FALSE(stream.js.Stream("NO_SUCH_STREAM"));
  EXPECT_EQ(stream.Publish(1, 16)[0].seq, 17) << "the same id again is the same message";
}

// nats.c's own fetch overflows the heap when late messages are queued; ours is a loop over requests.
TEST(PullLoop, ten_thousand_messages_come_once_each_though_they_come_late) {
  Stream stream;
  stream.Publish(10'000);
  stream.MakeConsumer();
  PullLoop pull(stream.bus, stream.name, "c", 50);
  std::set<std::string> seen;
  ASSERT_TRUE(renxin::testing::Eventually(std::chrono::seconds(20), [&] {
    // A wait this short makes most messages of a batch arrive after Next has returned.
    for (const Message& message : pull.Next(milliseconds(1))) {
      EXPECT_TRUE(seen.insert(message.body).second);
      Ack(*stream.bus, message);
    }
    return seen.size() == 10'000U;
  }));
}

TEST(PullLoop, what_is_not_acknowledged_comes_again) {
  Stream stream;
  stream.Publish(1);
  stream.MakeConsumer();
  PullLoop pull(stream.bus, stream.name, "c", 10);
  std::vector<Message> first;
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] { return !(first = pull.Next(milliseconds(100))).empty(); }));
  NakAfter(*stream.bus, first[0], milliseconds(50));
  std::vector<Message> again;
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] { return !(again = pull.Next(milliseconds(100))).empty(); }));
  EXPECT_EQ(again[0].body, first[0].body);
  Term(*stream.bus, again[0]);
}

TEST(PullLoop, a_consumer_that_is_gone_is_noticed) {
  Stream stream;
  stream.MakeConsumer();
  PullLoop pull(stream.bus, stream.name, "c", 10);
  pull.Next(milliseconds(50));
  stream.js.DeleteConsumer(stream.name, "c");
  EXPECT_TRUE(renxin::testing::Eventually(milliseconds(8'000), [&] {
    pull.Next(milliseconds(50));
    return pull.consumer_gone();
  }));
}

// nats-server 2.10 reads a block that it has forgotten once for every message of it.
TEST(PullLoop, has_the_broker_hold_what_comes_next_while_it_is_far_behind) {
  constexpr int kCount = 1'000;
  constexpr int kBatch = 250;  // whole batches: after the last one it asks again
  struct Watched {
    std::mutex mutex;
    std::vector<std::int64_t> asked;
  };
  const auto watched = std::make_shared<Watched>();
  Stream stream;
  stream.Publish(kCount);
  stream.MakeConsumer();
  const auto watcher = renxin::testing::ScratchBus("jetstream-test-watcher");
  watcher->Subscribe("$JS.API.STREAM.MSG.GET." + stream.name, "", [watched](const Message& message) {
    const std::scoped_lock lock(watched->mutex);
    watched->asked.push_back(std::stoll(message.body.substr(message.body.find(':') + 1)));
  });
  watcher->Call("$JS.API.INFO", {}, "", milliseconds(3'000));  // the broker knows of the subscription
  PullLoop pull(stream.bus, stream.name, "c", kBatch);
  int taken = 0;
  ASSERT_TRUE(renxin::testing::Eventually(std::chrono::seconds(10), [&] {
    for (const Message& message : pull.Next(milliseconds(50))) {
      Ack(*stream.bus, message);
      ++taken;
    }
    return taken == kCount;
  }));
  pull.Next(milliseconds(1));  // and at the end of the stream
  // One more by hand: when it has come, all before it have.
  stream.js.MessageId(stream.name, 1);
  ASSERT_TRUE(renxin::testing::Eventually(std::chrono::seconds(5), [&] {
    const std::scoped_lock lock(watched->mutex);
    return !watched->asked.empty() && watched->asked.back() == 1;
  }));
  const std::scoped_lock lock(watched->mutex);
  watched->asked.pop_back();
  // Not at the beginning, where nothing is known yet, nor when no more than a batch is left.
  EXPECT_GE(watched->asked.size(), 1U);
  EXPECT_LE(watched->asked.size(), 3U);
  for (const std::int64_t seq : watched->asked) {
    EXPECT_GT(seq, 2 * kBatch);
    EXPECT_LT(seq, kCount - kBatch + 2 * kBatch);
  }
}

struct PositionCase {
  const char* reply;
  std::int64_t seq;
  std::int64_t pending;
  std::int64_t delivered;
};

TEST(PullLoop, reads_where_a_message_stands) {
  for (const PositionCase& c : {PositionCase{"$JS.ACK.EV.c.1.20.3.1700000000000000000.40", 20, 40, 1},
                                {"$JS.ACK._.hash.EV.c.7.20.3.1700000000000000000.40.random", 20, 40, 7},
                                {"$JS.ACK.EV.c.1.20.3.1700000000000000000", 20, 0, 1},
                                {"_INBOX.x", 0, 0, 0},
                                {"", 0, 0, 0}}) {
    EXPECT_EQ(PositionOf(c.reply).seq, c.seq) << c.reply;
    EXPECT_EQ(PositionOf(c.reply).pending, c.pending) << c.reply;
    EXPECT_EQ(PositionOf(c.reply).delivered, c.delivered) << c.reply;
  }
}

struct StatusCase {
  int status;
  const char* description;
  PullStatus expected;
};

TEST(PullLoop, reads_status_lines) {
  for (const StatusCase& c : {StatusCase{0, "", PullStatus::kMessage},
                              {100, "Idle Heartbeat", PullStatus::kHeartbeat},
                              {404, "No Messages", PullStatus::kEnded},
                              {408, "Request Timeout", PullStatus::kEnded},
                              {409, "Consumer Deleted", PullStatus::kConsumerGone},
                              {409, "Message Size Exceeds MaxBytes", PullStatus::kEnded},
                              {503, "", PullStatus::kConsumerGone}}) {
    Message message;
    message.status = c.status;
    message.headers = {{"Description", c.description}};
    EXPECT_EQ(ClassifyPull(message), c.expected) << c.status << c.description;
  }
}

}  // namespace
}  // namespace renxin::bus
