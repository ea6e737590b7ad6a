// The live socket over a real TLS connection; the events come from the test.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "services/gateway/testing/harness.h"
#include "shared/core/text.h"
#include "shared/core/time.h"
#include "shared/observe/metrics.h"

namespace renxin::gateway {
namespace {

using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kText = 1;
constexpr int kBinary = 2;
constexpr int kClose = 8;
constexpr int kPing = 9;
constexpr int kPong = 10;
constexpr const char* kUpgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

struct Frame {
  int opcode = 0;  // 0: the connection has ended
  std::string payload;
};

// A WebSocket client that can also do what it must not.
class LiveClient {
 public:
  LiveClient(std::uint16_t port, const std::string& headers, const std::string& upgrade = kUpgrade) : tls_(port) {
    tls_.Send("GET /v1/live HTTP/1.1\r\nHost: x\r\n" + upgrade + headers + "\r\n");
    answer_ = tls_.Read();
  }
  const HttpAnswer& answer() const { return answer_; }

  void Send(int opcode, const std::string& payload, bool fin = true, bool masked = true) {
    std::string frame(1, static_cast<char>((fin ? 0x80 : 0) | opcode));
    const char mask_bit = static_cast<char>(masked ? 0x80 : 0);
    if (payload.size() < 126) {
      frame += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
    } else {
      frame += static_cast<char>(mask_bit | 126);
      frame += static_cast<char>(payload.size() >> 8);
      frame += static_cast<char>(payload.size() & 0xff);
    }
    tls_.Send(frame + (masked ? std::string(4, '\0') : "") + payload);  // a mask of zeroes is one too
  }
  void Raw(const std::string& bytes) { tls_.Send(bytes); }

  Frame Next() {
    const std::string head = tls_.ReadBytes(2);
    if (head.size() < 2) {
      return {};
    }
    std::size_t size = static_cast<unsigned char>(head[1]) & 0x7f;
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (more > 0) {
      size = 0;
      for (const char c : tls_.ReadBytes(more)) {
        size = size << 8 | static_cast<unsigned char>(c);
      }
    }
    Frame frame{static_cast<unsigned char>(head[0]) & 0x0f, tls_.ReadBytes(size)};
    return frame;
  }
  // The next event's id; the close code when it was closed; "end" when the connection is gone. Pings are left unanswered.
  std::string NextId() {
    while (true) {
      const Frame frame = Next();
      if (frame.opcode == kClose) {
        return "closed " + std::to_string(static_cast<unsigned char>(frame.payload[0]) << 8 | static_cast<unsigned char>(frame.payload[1]));
      }
      if (frame.opcode == 0) {
        return "end";
      }
      if (frame.opcode == kText) {
        const std::size_t from = frame.payload.find(R"("id":")") + 6;
        return frame.payload.substr(from, frame.payload.find('"', from) - from);
      }
    }
  }
  std::vector<std::string> UntilMarker() {
    std::vector<std::string> ids;
    while (ids.empty() || (ids.back() != "marker" && ids.back() != "end" && !ids.back().starts_with("closed"))) {
      ids.push_back(NextId());
    }
    return ids;
  }

 private:
  TlsClient tls_;
  HttpAnswer answer_;
};

std::string Bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

bool Eventually(const std::function<bool()>& done) {
  const auto end = steady_clock::now() + std::chrono::seconds(15);
  std::mutex mutex;
  std::condition_variable never;
  while (!done()) {
    if (steady_clock::now() > end) {
      return false;
    }
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(5));
  }
  return true;
}

class LiveTest : public testing::Test {
 protected:
  // Before the first use of harness().
  Limits tune_;
  Harness& harness() {
    if (!harness_) {
      harness_ = std::make_unique<Harness>([this](Limits* limits) { *limits = tune_; });
    }
    return *harness_;
  }
  std::unique_ptr<LiveClient> Open(const std::string& account, const std::string& staff, const std::vector<std::string>& roles,
                                   std::int64_t age_seconds = 0) {
    auto client = std::make_unique<LiveClient>(harness().port(), Bearer(harness().TokenFor(account, staff, roles, age_seconds)));
    EXPECT_EQ(client->answer().status, 101) << client->answer().body;
    return client;
  }
  std::unique_ptr<LiveClient> OpenClerk() { return Open("acc-c", "", {"clerk"}); }
  // As a relay publishes what it could not for a while: without the headers.
  void EmitLate(const std::string& subject = "ev.renxin.notes.v1.note_changed") {
    harness().bus().Emit({.subject = subject,
                          .reply = "",
                          .headers = {{"ce-id", NewId()}, {"renxin-recorded", FormatTime(SystemNow().Plus(-std::chrono::seconds(61)))}},
                          .body = ""});
  }
  void Emit(const std::string& id, const std::string& owners = "", const std::string& group = "", const std::string& event_id = "") {
    harness().bus().Emit({.subject = "ev.renxin.notes.v1.note_changed",
                          .reply = "",
                          .headers = {{"ce-id", event_id.empty() ? NewId() : event_id},
                                      {"renxin-recorded", FormatTime(SystemNow())},
                                      {"renxin-live-id", id},
                                      {"renxin-live-owners", owners},
                                      {"renxin-live-group", group}},
                          .body = "not read"});
  }
  bool NoSocketOpen() {
    return Eventually([] { return observe::MetricsText().find("renxin_live_sockets 0\n") != std::string::npos; });
  }

 private:
  std::unique_ptr<Harness> harness_;
};

TEST_F(LiveTest, refuses_before_the_upgrade_with_a_problem) {
  const std::string good = Bearer(harness().Token());
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const struct {
    std::string headers;
    int status;
    const char* says;
  } cases[] = {
      {kUpgrade, 401, "no-token"},
      {kUpgrade + Bearer("x.y.z"), 401, "bad-token"},
      {kUpgrade + Bearer(harness().Token({"clerk"}, 700)), 401, "token-expired"},
      {kUpgrade + std::string("Sec-WebSocket-Protocol: renxin.v1, bearer.x.y.z\r\n"), 401, "bad-token"},
      {kUpgrade + std::string("Sec-WebSocket-Protocol: renxin.v1\r\n"), 401, "no-token"},
      {"", 401, "no-token"},
      {good, 400, "Upgrade"},
      {good + "Connection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Version: 13\r\n" + key, 400, "Upgrade"},
      {good + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n" + key, 400, "Sec-WebSocket-Version"},
      {good + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", 400, "Sec-WebSocket-Key"},
      {good + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", 400,
       "Sec-WebSocket-Key"},
      {good + kUpgrade + key, 400, "Sec-WebSocket-Key"},
      {good + kUpgrade + "Sec-WebSocket-Protocol: graphql-ws\r\n", 400, "Sec-WebSocket-Protocol"},
      {good + kUpgrade + "Sec-WebSocket-Protocol: renxin.v1\r\nSec-WebSocket-Protocol: x\r\n", 400, "Sec-WebSocket-Protocol"},
  };
  for (const auto& c : cases) {
    const HttpAnswer answer = harness().Send("GET", "/v1/live", "", c.headers);
    EXPECT_EQ(answer.status, c.status) << c.headers << answer.body;
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
    EXPECT_THAT(answer.body, HasSubstr(c.says)) << c.headers;
  }
  EXPECT_EQ(harness().Send("GET", "/v1/live?token=" + harness().Token(), "", kUpgrade + good).status, 400) << "no token in the URL";
  EXPECT_EQ(harness().Send("POST", "/v1/live", "{}", good).status, 405);
  TlsClient early(harness().port());
  early.Send("GET /v1/live HTTP/1.1\r\nHost: x\r\n" + good + kUpgrade + "\r\n\x81\x80");
  EXPECT_EQ(early.Read().status, 400);
}

TEST_F(LiveTest, takes_the_token_from_the_header_or_from_the_subprotocols) {
  const LiveClient with_header(harness().port(), Bearer(harness().Token()) + "Origin: https://elsewhere.example\r\n");
  EXPECT_EQ(with_header.answer().status, 101);
  EXPECT_EQ(with_header.answer().headers.at("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(with_header.answer().headers.count("sec-websocket-protocol"), 0U);
  const LiveClient browser(harness().port(), "Sec-WebSocket-Protocol: renxin.v1, bearer." + harness().Token() + "\r\n");
  EXPECT_EQ(browser.answer().status, 101);
  EXPECT_EQ(browser.answer().headers.at("sec-websocket-protocol"), "renxin.v1");
}

TEST_F(LiveTest, P1_each_is_told_what_their_scope_holds) {
  const auto writer = Open("a1", "w1", {"writer"});
  const auto other = Open("a2", "w2", {"writer"});
  const auto head = Open("a3", "h1", {"head"});
  const auto clerk = OpenClerk();
  const auto guest = Open("a4", "w1", {"guest"});
  Emit("of-w1", "w1", "w1,w2,h1");
  Emit("of-w3", "w3", "w3,h9");
  Emit("of-h1", "h1");
  Emit("nobodys");
  Emit("marker", "w1,w2,h1");
  EXPECT_THAT(writer->UntilMarker(), ElementsAre("of-w1", "marker"));
  EXPECT_THAT(other->UntilMarker(), ElementsAre("marker"));
  EXPECT_THAT(head->UntilMarker(), ElementsAre("of-w1", "of-h1", "marker"));
  EXPECT_THAT(clerk->UntilMarker(), ElementsAre("of-w1", "of-w3", "of-h1", "nobodys", "marker"));
  guest->Send(kClose, "\x03\xe8");
  EXPECT_EQ(guest->NextId(), "closed 1000") << "no role of the audience: nothing came before";
}

TEST_F(LiveTest, is_told_once_of_what_is_new) {
  const auto clerk = OpenClerk();
  Emit("first", "", "", "e1");
  Emit("first", "", "", "e1");
  EmitLate("ev.renxin.notes.v1.note_read");  // no live event: late or not, nobody is notified
  Emit("marker");
  EXPECT_THAT(clerk->UntilMarker(), ElementsAre("first", "marker"));
}

TEST_F(LiveTest, a_large_file_does_not_close_who_reads) {
  const auto clerk = OpenClerk();
  constexpr int kEvents = 6'000;
  for (int i = 0; i < kEvents; ++i) {
    Emit(std::to_string(i));
  }
  for (int i = 0; i < kEvents; ++i) {
    ASSERT_EQ(clerk->NextId(), std::to_string(i));
  }
}

TEST_F(LiveTest, closes_when_the_token_has_run_out_unless_a_new_one_came) {
  const auto left = Open("a1", "w1", {"writer"}, 596);
  const auto renewed = Open("a1", "w1", {"writer"}, 596);
  renewed->Send(kText, R"({"token":")" + harness().TokenFor("a1", "w1", {"clerk"}) + "\"}");
  EXPECT_EQ(left->NextId(), "closed 4401");
  Emit("marker");
  EXPECT_THAT(renewed->UntilMarker(), ElementsAre("marker")) << "and the roles of the new token count";
}

TEST_F(LiveTest, refuses_a_token_that_is_not_good_or_another_accounts) {
  for (const std::string& token :
       {harness().TokenFor("a2", "w1", {"writer"}), harness().TokenFor("a1", "w1", {"writer"}, 700), std::string("x.y.z")}) {
    const auto client = Open("a1", "w1", {"writer"});
    client->Send(kText, R"({"token":")" + token + "\"}");
    EXPECT_EQ(client->NextId(), "closed 4401");
  }
}

TEST_F(LiveTest, closes_on_what_a_client_may_not_say) {
  const struct {
    int opcode;
    std::string payload;
    bool fin;
    bool masked;
    const char* ends;
  } cases[] = {
      {kText, "hello", true, true, "closed 1008"},
      {kText, R"({"subscribe":"all"})", true, true, "closed 1008"},
      {kBinary, R"({"token":"x"})", true, true, "closed 1008"},
      {kText, "\xff\xfe", true, true, "closed 1007"},
      {kText, std::string(8 * 1024 + 1, 'x'), true, true, "closed 1009"},
      {kText, "hello", true, false, "closed 1002"},
      {kPing, "x", false, true, "closed 1002"},
      {kPing, std::string(126, 'x'), true, true, "closed 1002"},
      {3, "x", true, true, "closed 1002"},
      {kText | 0x40, "x", true, true, "closed 1002"},
      {0, "x", true, true, "closed 1002"},
  };
  for (const auto& c : cases) {
    const auto client = OpenClerk();
    client->Send(c.opcode, c.payload, c.fin, c.masked);
    EXPECT_EQ(client->NextId(), c.ends) << c.opcode << " " << c.payload.substr(0, 20);
  }
  EXPECT_TRUE(NoSocketOpen());
}

TEST_F(LiveTest, a_message_in_pieces_is_a_message_and_its_size_counts) {
  const auto client = OpenClerk();
  const std::string text = R"({"token":")" + harness().TokenFor("acc-c", "", {"clerk"}) + "\"}";
  client->Send(kText, text.substr(0, 20), false);
  client->Send(kPing, "between");
  client->Send(0, text.substr(20));
  const Frame pong = client->Next();
  EXPECT_EQ(pong.opcode, kPong);
  EXPECT_EQ(pong.payload, "between");
  Emit("marker");
  EXPECT_THAT(client->UntilMarker(), ElementsAre("marker"));
  client->Send(kText, std::string(5'000, 'x'), false);
  client->Send(0, std::string(5'000, 'x'), false);
  EXPECT_EQ(client->NextId(), "closed 1009");
}

TEST_F(LiveTest, more_than_may_wait_closes_the_socket) {
  tune_.live_waiting = 8;
  const auto clerk = OpenClerk();
  const std::string large(100'000, 'x');
  for (int i = 0; i < 300; ++i) {
    Emit(large);
  }
  int event = 0;
  std::string last;
  while ((last = clerk->NextId()) == large) {
    ++event;
  }
  EXPECT_EQ(last.substr(0, 20), "closed 4008");
  EXPECT_LT(event, 300);
  EXPECT_TRUE(NoSocketOpen());
}

TEST_F(LiveTest, who_reads_nothing_is_cut_off_after_the_write_deadline) {
  tune_.write_timeout = std::chrono::seconds(1);
  const auto clerk = OpenClerk();
  for (int i = 0; i < 200; ++i) {
    Emit(std::string(200'000, 'x'));
  }
  EXPECT_TRUE(NoSocketOpen());
}

TEST_F(LiveTest, so_many_sockets_an_account_and_in_all) {
  tune_.live_sockets = 3;
  tune_.live_sockets_per_account = 2;
  const auto first = Open("a1", "w1", {"writer"});
  auto second = Open("a1", "w1", {"writer"});
  const auto try_as = [&](const std::string& account) {
    const LiveClient client(harness().port(), Bearer(harness().TokenFor(account, "w1", {"writer"})));
    if (client.answer().status == 503) {
      EXPECT_THAT(client.answer().body, HasSubstr("overloaded"));
      EXPECT_EQ(client.answer().headers.at("retry-after"), "1");
    }
    return client.answer().status;
  };
  EXPECT_EQ(try_as("a1"), 503);
  const auto third = Open("a2", "w1", {"writer"});
  EXPECT_EQ(try_as("a3"), 503);
  second.reset();
  EXPECT_TRUE(Eventually([&] { return try_as("a1") == 101; })) << "a socket that has ended makes room";
}

TEST_F(LiveTest, tells_that_the_gateway_stops) {
  const auto clerk = OpenClerk();
  std::atomic<bool> drained = false;
  harness().Drain([&] { drained = true; });
  EXPECT_EQ(clerk->NextId(), "closed 1001");
  EXPECT_TRUE(Eventually([&] { return drained.load(); })) << "also when the client does not answer the close";
}

TEST_F(LiveTest, tells_that_events_may_have_been_missed) {
  const auto clerk = OpenClerk();
  harness().bus().up = false;
  EXPECT_EQ(LiveClient(harness().port(), Bearer(harness().Token())).answer().status, 503);
  harness().bus().connects = 2;
  harness().bus().up = true;
  EXPECT_EQ(clerk->NextId(), "closed 1012");
  const auto again = Open("acc-d", "", {"clerk"});
  Emit("marker");
  EXPECT_THAT(again->UntilMarker(), ElementsAre("marker"));
}

// A stream was away and its service publishes what has waited: it is too old to be delivered, and nobody may think they got all.
TEST_F(LiveTest, an_event_that_comes_late_closes_the_sockets_once_a_minute) {
  const auto clerk = OpenClerk();
  for (int i = 0; i < 3; ++i) {
    EmitLate();
  }
  EXPECT_EQ(clerk->NextId(), "closed 1012");
  const auto again = Open("acc-d", "", {"clerk"});
  EmitLate();
  Emit("marker");
  EXPECT_THAT(again->UntilMarker(), ElementsAre("marker"));
}

TEST_F(LiveTest, pings_and_ends_who_does_not_answer) {
  tune_.live_ping = std::chrono::seconds(1);
  const auto answers = OpenClerk();
  const auto silent = OpenClerk();
  EXPECT_EQ(answers->Next().opcode, kPing);
  answers->Send(kPong, "");
  EXPECT_EQ(silent->Next().opcode, kPing);
  EXPECT_EQ(silent->Next().opcode, 0) << "ended without a word: it would not be heard";
  EXPECT_EQ(answers->Next().opcode, kPing);
}

}  // namespace
}  // namespace renxin::gateway
