#include "shared/core/phone.h"

#include <gtest/gtest.h>

namespace renxin {
namespace {

struct Taken {
  const char* typed;
  const char* e164;
  const char* extension = "";
};

TEST(Phone, G4_a_sound_number_is_normalised_however_it_is_typed) {
  const Taken cases[] = {
      {"13800138000", "+8613800138000"},
      {"138 0013 8000", "+8613800138000"},
      {"+86-138-0013-8000", "+8613800138000"},
      {"(+86) 138 0013 8000", "+8613800138000"},
      {"0086 13800138000", "+8613800138000"},
      {"8613800138000", "+8613800138000"},
      {"138.0013.8000", "+8613800138000"},
      {"１３８００１３８０００", "+8613800138000"},
      {"＋８６　138\xC2\xA0"
       "0013\xE2\x80\x8B"
       "8000\xEF\xBB\xBF",
       "+8613800138000"},
      {"14012345678", "+8614012345678"},
      {"19912345678", "+8619912345678"},
      {"010 6552 9988", "+861065529988"},
      {"(010)6552-9988", "+861065529988"},
      {"（010）65529988", "+861065529988"},
      {"010/65529988", "+861065529988"},
      {"+86 10 6552 9988", "+861065529988"},
      {"+86 (0)10 6552 9988", "+861065529988"},
      {"0755-8345-6789", "+8675583456789"},
      {"400-820-8820", "+864008208820"},
      {"800 820 8820", "+868008208820"},
      {"95588", "+8695588"},
      {"+852 9123 4567", "+85291234567"},
      {"0085291234567", "+85291234567"},
      {"+886 912 345 678", "+886912345678"},
      {"+63 917 123 4567", "+639171234567"},
      // Extensions: kept apart.
      {"0911-2345678-01", "+869112345678", "01"},
      {"400-820-8820-2", "+864008208820", "2"},
      {"0755-83456789-8012", "+8675583456789", "8012"},
      {"0755-83456789转8012", "+8675583456789", "8012"},
      {"0755-83456789 转 ８０１２", "+8675583456789", "8012"},
      {"0755-83456789（转8012）", "+8675583456789", "8012"},
      {"0755-83456789 ext 8012", "+8675583456789", "8012"},
      {"0755-83456789 EXT. 8012", "+8675583456789", "8012"},
      {"+86-755-83456789 分机：8012", "+8675583456789", "8012"},
      {"13800138000转1234", "+8613800138000", "1234"},
  };
  for (const Taken& c : cases) {
    const auto phone = NormalisePhone(c.typed, {});
    ASSERT_TRUE(phone) << c.typed << ": " << phone.error().fields.front().message;
    EXPECT_EQ(phone->e164, c.e164) << c.typed;
    EXPECT_EQ(phone->extension, c.extension) << c.typed;
    EXPECT_TRUE(IsSoundE164(phone->e164)) << c.typed;
  }
}

struct RefusedPhone {
  const char* typed;
  const char* why;  // part of the message
};

TEST(Phone, G4_what_is_no_number_is_refused_by_name_and_never_guessed) {
  const RefusedPhone cases[] = {
      {"138****8000", "\"*\" is no part of a phone number"},
      {"138＊＊＊＊8000", "\"*\" is no part of a phone number"},
      {"1380013****", "\"*\""},
      {"138 0013 8XX0", "\"X\""},
      {"0755-****6789", "\"*\""},
      {"13800138OOO", "\"O\""},
      {"1380013800O", "\"O\""},
      {"l3800138000", "\"l\""},
      {"13800138abc", "\"a\""},
      {"张先生13800138000", "\"张\""},
      {"13800138000.0", "decimal"},
      {"1380013800.0", "decimal"},
      {"1.3800138E10", "\"E\""},
      {"13800138000,00", "\",\""},
      {"1380013…8000", "\"…\""},
      {"010-6655443-801", "before the extension"},
      {"010-6655443-8", "before the extension"},
      {"0755-83456789转", "extension"},
      {"0755-83456789转8012345", "extension"},
      {"85291234567", "write it with +"},
      {"852-91234567", "write it with +"},
      {"886912345678", "write it with +"},
      {"853 6612 3456", "write it with +"},
      {"63 917 123 4567", "write it with +"},
      {"13800138", "not a valid phone number"},
      {"00000000000", "unknown country code"},
      {"1065529988", "not a valid phone number"},
      {"12", "too short for a phone number"},
      {"138001380001380013800", "too long for a phone number"},
      {"13800138000/13900139000", "too long"},
      {"13800138000-1234", "too long"},
      {"12800138000", "not a valid phone number"},
      {"+86 12800138000", "not a valid phone number"},
      {"+86 138 0013 80001234567", "too long for a phone number"},
      {"+86 138", "too short for a phone number"},
      {"not a phone", "\"n\""},
      {"+", "not a phone number"},
      {"13800138000+", "\"+\""},
      {"-13800138000", "\"-\""},
      {"13800138000-", "\"-\""},
      {"(13800138000", "\"(\""},
      {"138)0013(8000", "\")\""},
      {"138001380001380013800013800138000138001380", "at most 40 characters"},
  };
  for (const RefusedPhone& c : cases) {
    const auto phone = NormalisePhone(c.typed, {});
    ASSERT_FALSE(phone) << c.typed << " became " << phone->e164;
    const FieldViolation& violation = phone.error().fields.front();
    EXPECT_NE(violation.message.find(c.why), std::string::npos) << c.typed << ": " << violation.message;
    EXPECT_EQ(violation.rule, "G4");
  }
}

TEST(Phone, G4_service_numbers_are_a_matter_of_policy) {
  for (const char* typed : {"400-820-8820", "8008208820", "95588", "400-820-8820-2"}) {
    EXPECT_TRUE(NormalisePhone(typed, {})) << typed;
    EXPECT_FALSE(NormalisePhone(typed, {.region = "CN", .service_numbers = false})) << typed;
  }
  EXPECT_TRUE(NormalisePhone("010 6552 9988", {.region = "CN", .service_numbers = false}));
}

TEST(Phone, G4_another_region_reads_its_own_numbers) {
  EXPECT_EQ(NormalisePhone("9123 4567", {.region = "HK"})->e164, "+85291234567");
  EXPECT_EQ(NormalisePhone("+86 13800138000", {.region = "HK"})->e164, "+8613800138000");
  EXPECT_FALSE(NormalisePhone("13800138000", {.region = "HK"}));
}

}  // namespace
}  // namespace renxin
