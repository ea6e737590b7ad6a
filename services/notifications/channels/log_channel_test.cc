#include "services/notifications/channels/log_channel.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "shared/core/text.h"

namespace renxin::notifications::channels {
namespace {

using sending::Trace;

class LogChannelTest : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static Outgoing Message(const std::string& key) {
    return {.key = key, .phone = "+8613800138000", .text = "亲爱的王芳", .template_code = "birthday", .template_version = 3, .parts = 1};
  }
  std::string Text() const {
    std::ifstream file(path_);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::string folder_ = ::testing::TempDir() + "/renxin-channel-" + ToHex(RandomBytes(6));
  std::string path_ = folder_ + "/deep/messages.jsonl";
  Instant now_ = *ParseTime("2026-02-16T01:00:00Z");
};

TEST_F(LogChannelTest, N6_a_line_a_key_and_no_person_in_it) {
  LogChannel channel(path_);
  EXPECT_EQ(channel.Find("a"), Trace::kNeverSeen);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(channel.Send(Message("a"), now_).outcome, Answer::Outcome::kAccepted);
  EXPECT_EQ(channel.Find("a"), Trace::kAccepted);
  EXPECT_EQ(channel.Find("b"), Trace::kNeverSeen);
  EXPECT_EQ(Text(),
            "{\"key\":\"a\",\"time\":\"2026-02-16T01:00:00Z\",\"template\":\"birthday\",\"template_version\":3,\"parts\":1,"
            "\"phone\":\"138****8000\"}\n");
}

TEST_F(LogChannelTest, N6_another_process_knows_what_one_has_written) {
  LogChannel first(path_);
  LogChannel second(path_);
  first.Send(Message("a"), now_);
  EXPECT_EQ(second.Find("a"), Trace::kAccepted);
  second.Send(Message("b"), now_);
  EXPECT_EQ(first.Find("b"), Trace::kAccepted);
  first.Send(Message("b"), now_);
  const std::string text = Text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST_F(LogChannelTest, N6_a_line_that_was_not_finished_counts_for_nothing_and_spoils_no_other) {
  LogChannel(path_).Send(Message("a"), now_);
  {
    std::ofstream file(path_, std::ios::app);
    file << "{\"key\":\"b\",\"ti";
  }
  LogChannel channel(path_);
  EXPECT_EQ(channel.Find("b"), Trace::kNeverSeen);
  channel.Send(Message("c"), now_);
  channel.Send(Message("b"), now_);
  LogChannel later(path_);
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(later.Find(key), Trace::kAccepted) << key;
}

TEST_F(LogChannelTest, N6_many_at_once_write_each_key_once) {
  std::vector<std::thread> writers;
  writers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      LogChannel channel(path_);
      for (int key = 0; key < 50; ++key) channel.Send(Message(std::to_string(key)), now_);
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string text = Text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 50);
}

TEST_F(LogChannelTest, N6_a_file_that_cannot_be_opened_is_tried_later_and_tells_nothing) {
  std::filesystem::create_directories(path_);  // a folder in its place
  LogChannel channel(path_);
  EXPECT_EQ(channel.Send(Message("a"), now_).outcome, Answer::Outcome::kTryLater);
  EXPECT_EQ(channel.Find("a"), Trace::kCannotTell);
}

}  // namespace
}  // namespace renxin::notifications::channels
