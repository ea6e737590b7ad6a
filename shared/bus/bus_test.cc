#include "shared/bus/bus.h"

#include <atomic>
#include <future>
#include <mutex>

#include "shared/core/text.h"
#include "shared/testing/databases.h"

namespace renxin::bus {
namespace {

using std::chrono::milliseconds;

std::string Subject() { return "test." + ToHex(RandomBytes(6)); }

TEST(Bus, a_request_is_answered_with_headers_and_body) {
  const auto bus = renxin::testing::ScratchBus("bus-test");
  const std::string subject = Subject();
  bus->Subscribe(subject, "q", [&](Message message) {
    bus->Publish(message.reply, {{"Renxin-Code", std::string(FindHeader(message.headers, "Ask"))}}, message.body + "!");
  });
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] {
    return bus->Call(subject, {{"Ask", "7"}}, "hello", milliseconds(500)).outcome == Outcome::kReply;
  }));
  const Answer answer = bus->Call(subject, {{"Ask", "7"}}, "hello", milliseconds(1'000));
  EXPECT_EQ(answer.outcome, Outcome::kReply);
  EXPECT_EQ(answer.message.body, "hello!");
  EXPECT_EQ(FindHeader(answer.message.headers, "Renxin-Code"), "7");
}

TEST(Bus, what_is_held_leaves_with_the_flush_in_its_order) {
  const auto bus = renxin::testing::ScratchBus("bus-test");
  const std::string subject = Subject();
  std::mutex mutex;
  std::string got;
  bus->Subscribe(subject, "", [&](const Message& message) {
    const std::scoped_lock lock(mutex);
    got += message.body;
  });
  const auto arrived = [&] {
    const std::scoped_lock lock(mutex);
    return got;
  };
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] {
    bus->Publish(subject, {}, ".");
    return !arrived().empty();
  }));
  {
    const Held held;
    bus->Publish(subject, {}, "a");
    bus->Publish(subject, {}, "b");
  }
  bus->Flush();
  EXPECT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] { return arrived().ends_with("ab"); }));
  {
    const Held held;
    bus->Publish(subject, {}, "c");
  }
  bus->FlushSoon();
  EXPECT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] { return arrived().ends_with("abc"); }));
}

TEST(Bus, nobody_there_is_known_at_once) {
  const auto bus = renxin::testing::ScratchBus("bus-test");
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(bus->Call(Subject(), {}, "x", milliseconds(5'000)).outcome, Outcome::kNoResponders);
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(2'000));
}

TEST(Bus, a_silent_answerer_is_given_up_at_the_deadline_and_a_late_answer_is_dropped) {
  const auto bus = renxin::testing::ScratchBus("bus-test");
  const std::string subject = Subject();
  std::promise<Message> got;
  bus->Subscribe(subject, "", [&](Message message) { got.set_value(std::move(message)); });
  auto future = got.get_future();
  EXPECT_EQ(bus->Call(subject, {}, "x", milliseconds(100)).outcome, Outcome::kTimeout);
  const Message message = future.get();
  bus->Publish(message.reply, {}, "too late");
  EXPECT_EQ(bus->Call(Subject(), {}, "x", milliseconds(1'000)).outcome, Outcome::kNoResponders) << "the connection goes on";
}

TEST(Bus, without_a_server_a_request_fails_at_once) {
  const auto bus = Connection::Open({.url = "nats://127.0.0.1:1", .user = "", .password_file = "", .name = "nobody"});
  EXPECT_EQ(bus->Call("x", {}, "", milliseconds(5'000)).outcome, Outcome::kDisconnected);
  EXPECT_FALSE(bus->Publish("x", {}, ""));
  bus->Close(milliseconds(100));
}

// It was sent: whether somebody carried it out is not known, and that is what is said.
TEST(Bus, a_request_whose_connection_ends_is_neither_answered_nor_unsent) {
  const auto answerer = renxin::testing::ScratchBus("bus-test");
  const auto bus = renxin::testing::ScratchBus("bus-test");
  const std::string subject = Subject();
  std::atomic<bool> arrived{false};
  std::promise<Outcome> ended;
  answerer->Subscribe(subject, "", [&](const Message&) { arrived = true; });
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] {
    if (!arrived) bus->Call(subject, {}, "x", milliseconds(50));
    return arrived.load();
  }));
  arrived = false;
  bus->Request(subject, {}, "x", milliseconds(10'000), [&](const Answer& answer) { ended.set_value(answer.outcome); });
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] { return arrived.load(); }));
  bus->Close(milliseconds(500));
  EXPECT_EQ(ended.get_future().get(), Outcome::kInterrupted);
  EXPECT_EQ(bus->Call(subject, {}, "x", milliseconds(50)).outcome, Outcome::kDisconnected);
}

TEST(Bus, thousands_in_flight_end_exactly_once) {
  const auto bus = renxin::testing::ScratchBus("bus-test");
  const std::string subject = Subject();
  bus->Subscribe(subject, "", [&](Message message) { bus->Publish(message.reply, {}, message.body); });
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(5'000),
                                          [&] { return bus->Call(subject, {}, "x", milliseconds(500)).outcome == Outcome::kReply; }));
  std::atomic<int> replies{0};
  std::atomic<int> ends{0};
  for (int i = 0; i < 5'000; ++i) {
    bus->Request(subject, {}, std::to_string(i), milliseconds(10'000), [&](Answer answer) {
      if (answer.outcome == Outcome::kReply) ++replies;
      ++ends;
    });
  }
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(10'000), [&] { return ends == 5'000; }));
  EXPECT_EQ(replies, 5'000);
}

}  // namespace
}  // namespace renxin::bus
