#include "services/gateway/live/event.h"

#include <gtest/gtest.h>

#include "services/gateway/testing/contract.h"
#include "shared/contract/testing.h"

namespace renxin::gateway {
namespace {

constexpr Instant kNow{1'790'000'000'000'000};

class LiveEventTest : public testing::Test {
 protected:
  contract::DescriptorSet set_ = contract::ParseContract({{"notes.proto", kNotes}});
  LiveEvents events_ = LiveEventsOf(set_);
  bus::Message message_{.subject = "ev.renxin.notes.v1.note_changed",
                        .reply = "",
                        .headers = {{"ce-id", "e1"},
                                    {"renxin-recorded", FormatTime(kNow)},
                                    {"renxin-live-id", "n1"},
                                    {"renxin-live-owners", "a,b"},
                                    {"renxin-live-group", "a,b,c"}},
                        .body = ""};

  void Set(const std::string& name, const std::string& value) {
    for (auto& header : message_.headers) {
      if (header.first == name) {
        header.second = value;
      }
    }
  }
};

TEST_F(LiveEventTest, type_and_id_and_whose_it_is) {
  const auto event = ToLiveEvent(events_, message_, kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(*event->text,
            R"({"type":"note_changed","id":"n1","service":"notes","event_id":"e1","recorded_at":")" + FormatTime(kNow) + R"("})");
  EXPECT_EQ(event->owners, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(event->viewers, (std::vector<std::string>{"a", "b", "c"}));
  Set("renxin-live-owners", "");
  Set("renxin-live-group", "");
  EXPECT_TRUE(ToLiveEvent(events_, message_, kNow)->owners.empty()) << "nobody's, not the one's without a name";
  EXPECT_TRUE(ToLiveEvent(events_, message_, kNow)->viewers.empty());
  Set("renxin-live-id", "\"\\\n");
  EXPECT_NE(ToLiveEvent(events_, message_, kNow)->text->find(R"("id":"\"\\\n")"), std::string::npos);
}

TEST_F(LiveEventTest, what_is_not_live_is_not_told) {
  const auto event = [&](const char* header, const std::string& value) {
    const bus::Message kept = message_;
    Set(header, value);
    const bool is = ToLiveEvent(events_, message_, kNow).has_value();
    message_ = kept;
    return is;
  };
  EXPECT_TRUE(event("renxin-recorded", FormatTime({kNow.micros - 60'000'000})));
  EXPECT_FALSE(event("renxin-recorded", FormatTime({kNow.micros - 60'000'001})));
  EXPECT_TRUE(event("renxin-recorded", FormatTime({kNow.micros + 3'600'000'000}))) << "another process's clock runs ahead";
  EXPECT_FALSE(event("renxin-recorded", "yesterday"));
  EXPECT_FALSE(event("renxin-live-id", "")) << "published by a release that did not know of it, or long ago";
  EXPECT_FALSE(event("ce-id", ""));
  message_.subject = "ev.renxin.notes.v1.note_read";
  EXPECT_FALSE(ToLiveEvent(events_, message_, kNow));
  message_.subject = "ev.renxin.other.v1.note_changed";
  EXPECT_FALSE(ToLiveEvent(events_, message_, kNow));
}

TEST(Live, a_contract_that_shows_too_much_does_not_start) {
  std::string text = kNotes;
  const std::string audience = R"(audience: ["writer", )";
  text.replace(text.find(audience), audience.size(), R"(audience: ["guest", )");
  const auto set = contract::ParseContract({{"notes.proto", text}});
  EXPECT_THROW(LiveEventsOf(set), std::runtime_error);
}

TEST(Live, a_client_may_say_a_token_and_nothing_else) {
  EXPECT_EQ(TokenOf(R"({"token":"abc"})"), "abc");
  EXPECT_EQ(TokenOf(" {\n\"token\" : \"abc\" } "), "abc");
  for (const char* text : {"", "abc", "{}", R"({"token":""})", R"({"token":7})", R"({"token":null})", R"({"Token":"a"})", R"(["token"])",
                           R"({"token":"a","token":"b"})", R"({"token":"a","more":1})", R"({"token":"a"} x)", R"({"token":"a",})"}) {
    EXPECT_EQ(TokenOf(text), "") << text;
  }
}

TEST(Live, what_a_browser_offers) {
  const struct {
    const char* text;
    bool ours;
    const char* token;
  } cases[] = {
      {"", false, ""},
      {"renxin.v1", true, ""},
      {"renxin.v1, bearer.a.b-c_d", true, "a.b-c_d"},
      {"bearer.x,renxin.v1", true, "x"},
      {"renxin.v2, bearer.x", false, "x"},
      {"bearer.", false, ""},
      {"Bearer.x, renxin.v1", true, ""},
  };
  for (const auto& c : cases) {
    const Offer offer = ReadOffer(c.text);
    EXPECT_EQ(offer.ours, c.ours) << c.text;
    EXPECT_EQ(offer.token, c.token) << c.text;
  }
}

}  // namespace
}  // namespace renxin::gateway
