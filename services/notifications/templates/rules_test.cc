#include "services/notifications/templates/rules.h"

#include <gtest/gtest.h>

#include <functional>

#include "shared/core/text.h"

namespace renxin::notifications::templates {
namespace {

const Day kToday = MakeDay(2026, 2, 16);

Template Birthday(std::string body) { return {.code = "b", .kind = "birthday", .body = std::move(body)}; }

Template Advert(std::string body) {
  return {.code = "c",
          .kind = "campaign",
          .body = std::move(body),
          .advertises = true,
          .approval_no = "医广2026第01号",
          .approval_expires_on = "2026-03-31"};
}

TEST(Render, N1_a_missing_value_is_refused_and_never_a_hole) {
  const Policy policy;
  const Template text = Birthday("亲爱的{name}，{name}生日快乐 拒收请回复R");
  EXPECT_EQ(*Render(text, {{"name", "王芳"}}, policy), "【仁心医院】亲爱的王芳，王芳生日快乐 拒收请回复R");
  EXPECT_EQ(Render(text, {}, policy).error().fields.front().message, "{name} has no value");
  EXPECT_EQ(Render(text, {{"name", ""}}, policy).error().fields.front().message, "{name} has no value");
  EXPECT_EQ(Render(text, {{"name", "a"}, {"age", "3"}}, policy).error().fields.front().message, "{age} does not stand in the template");
}

TEST(Render, N1_G8_a_value_that_shows_nothing_or_breaks_the_text_is_refused) {
  const Template text = Birthday("亲爱的{name}，生日快乐 拒收请回复R");
  for (const char* value : {" ", "\xE3\x80\x80", "\xC2\xA0", "\xE2\x80\x8B", "\t", " \xEF\xBB\xBF "}) {
    EXPECT_EQ(Render(text, {{"name", value}}, {}).error().fields.front().message, "{name} has no value") << ToHex(value);
  }
  for (const char* value : {"【假医院】", "王芳】", "王\n芳", "王\r芳", "王\xE2\x80\xA8芳"}) {
    EXPECT_FALSE(Render(text, {{"name", value}}, {})) << ToHex(value);
  }
}

TEST(Templates, N1_what_looks_like_another_style_of_placeholder_is_refused) {
  for (const char* body : {"亲爱的｛name｝", "亲爱的${name}", "亲爱的#name#", "亲爱的{{name}}", "亲爱的%s", "亲爱的%1$s", "亲爱的%name%",
                           "亲爱的＃name＃", "亲爱的％ｓ", "<%= name %>"}) {
    const auto status = CheckTemplate(Birthday(std::string(body) + "拒收请回复R"), {}, kToday);
    ASSERT_FALSE(status) << body;
    EXPECT_EQ(status.error().fields.front().field, "body") << body;
  }
  for (const char* body : {"亲爱的{name}，全场8折，再减20%！", "{name}，会员#1号，满100%返50%", "C# 课程 {name}"}) {
    EXPECT_TRUE(CheckTemplate(Birthday(std::string(body) + "拒收请回复R"), {}, kToday)) << body;
  }
}

TEST(Render, N1_a_value_with_braces_stays_as_it_is) {
  EXPECT_EQ(*Render(Birthday("{name}!"), {{"name", "{name}{x"}}, {}), "【仁心医院】{name}{x!");
}

TEST(Variables, N1_names_in_braces_and_nothing_else) {
  EXPECT_EQ(*VariablesIn("no"), std::vector<std::string>{});
  EXPECT_EQ(*VariablesIn("{a}{b_c}{a}"), (std::vector<std::string>{"a", "b_c"}));
  for (const char* bad : {"{", "}", "{}", "{a", "a}", "{A}", "{a b}", "{{a}}", "{a}}", "{1}"}) EXPECT_FALSE(VariablesIn(bad)) << bad;
}

std::string Repeat(std::string_view piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

TEST(Parts, N1_ucs2_70_in_one_then_67_each) {
  struct Case {
    std::string text;
    std::size_t units;
    std::size_t parts;
  };
  const Case cases[] = {{"", 0, 0},
                        {"a", 1, 1},
                        {"字", 1, 1},
                        {"😀", 2, 1},
                        {Repeat("字", 69), 69, 1},
                        {Repeat("字", 70), 70, 1},
                        {Repeat("字", 71), 71, 2},
                        {Repeat("字", 134), 134, 2},
                        {Repeat("a", 135), 135, 3},
                        {Repeat("字", 201), 201, 3},
                        {Repeat("字", 202), 202, 4},
                        {Repeat("😀", 35), 70, 1},
                        {Repeat("😀", 36), 72, 2},
                        // The 67th and 68th unit are one character: it goes whole into the second part.
                        {Repeat("字", 66) + "😀" + Repeat("字", 66), 134, 3},
                        {Repeat("字", 65) + "😀" + Repeat("字", 67), 134, 2},
                        {Repeat("😀", 67), 134, 3}};
  for (const Case& one : cases) {
    EXPECT_EQ(Units(one.text), one.units) << one.units;
    EXPECT_EQ(Parts(one.text), one.parts) << one.units;
  }
}

struct Case {
  const char* what;
  Template text;
  std::string why;  // empty: fine
};

TEST(Templates, N1_what_a_template_must_and_must_not_say) {
  Policy policy = DefaultPolicy();
  const std::string ad = "活动 医广2026第01号 有效期至2026-03-31 拒收请回复R";
  Template no_number = Advert(ad);
  no_number.approval_no.clear();
  Template no_expiry = Advert(ad);
  no_expiry.approval_expires_on.clear();
  Template today = Advert("活动 医广2026第01号 有效期至2026年2月16日 拒收请回复R");
  today.approval_expires_on = "2026-02-16";
  Template yesterday = today;
  yesterday.approval_expires_on = "2026-02-15";
  Template silent = Birthday("生日快乐 拒收请回复R");
  silent.approval_no = "x";
  Template receipt{.code = "r", .kind = "receipt", .body = "{name}，已收{amount}元"};
  Template advertising_receipt = receipt;
  advertising_receipt.advertises = true;
  const Case cases[] = {
      {"a greeting", Birthday("{name}生日快乐 拒收请回复R"), ""},
      {"without the opt-out words", Birthday("{name}生日快乐"), "a marketing message must say 拒收请回复R"},
      {"the words with a blank in them", Birthday("生日快乐 拒收请 回复R"), "a marketing message must say 拒收请回复R"},
      {"a value that the kind has not", Birthday("{amount} 拒收请回复R"), "{amount} is no value of this kind of message"},
      {"a lone brace", Birthday("{name 拒收请回复R"), "a brace is no {name} of small letters"},
      {"its own signature", Birthday("【某医院】生日快乐 拒收请回复R"), "the signature is put in front by itself: no 【 or 】"},
      {"a disease", Birthday("糖尿病 拒收请回复R"), "names a disease or a procedure: 糖尿病"},
      {"a procedure", Birthday("双眼皮 拒收请回复R"), "names a disease or a procedure: 双眼皮"},
      {"a receipt needs no opt-out words", receipt, ""},
      {"a receipt that names one", {.code = "r", .kind = "receipt", .body = "手术{amount}"}, "names a disease or a procedure: 手术"},
      {"a receipt that advertises", advertising_receipt, "only a marketing message advertises"},
      {"an advertisement", Advert(ad), ""},
      {"its expiry in Chinese", Advert("活动 医广2026第01号 有效期至2026年3月31日 拒收请回复R"), ""},
      {"no number", no_number, "what advertises needs the number of its approval"},
      {"no expiry", no_expiry, "what advertises needs the expiry of its approval"},
      {"the number not in the text", Advert("活动 2026-03-31 拒收请回复R"), "the approval's number does not stand in the text"},
      {"the expiry not in the text", Advert("活动 医广2026第01号 拒收请回复R"), "the approval's expiry does not stand in the text"},
      {"expires today", today, ""},
      {"expired yesterday", yesterday, "the approval has expired"},
      {"an approval without advertising", silent, "only what advertises has an approval"},
  };
  for (const Case& one : cases) {
    const Status status = CheckTemplate(one.text, policy, kToday);
    EXPECT_EQ(status.ok() ? "" : status.error().fields.front().message, one.why) << one.what;
  }
}

TEST(Templates, N1_an_approval_that_ran_out_stops_the_sending) {
  const Template text = Advert("x");
  EXPECT_FALSE(NotOn(text, MakeDay(2026, 3, 31)));
  EXPECT_EQ(NotOn(text, MakeDay(2026, 4, 1)), "N1: the approval has expired");
  EXPECT_FALSE(NotOn(Birthday("x"), MakeDay(2026, 4, 1)));
}

TEST(Templates, N3_birthday_campaign_and_recall_are_marketing) {
  for (const char* kind : {"birthday", "campaign", "recall"}) EXPECT_TRUE(IsMarketing(kind)) << kind;
  for (const char* kind : {"appointment", "code", "receipt", ""}) EXPECT_FALSE(IsMarketing(kind)) << kind;
}

}  // namespace
}  // namespace renxin::notifications::templates
