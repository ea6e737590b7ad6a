#include "shared/privacy/record.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace renxin::privacy {
namespace {

TEST(SealedRecord, G6_a_field_opens_only_in_its_table_column_and_row) {
  const Sealer sealer(ServiceKeys::Generate());
  const SealedRecord wang = SealedRecord::New(sealer, "customers", "1");
  const std::string name = wang.Seal("name", "王芳");
  EXPECT_EQ(SealedRecord::Load(sealer, "customers", "1", wang.wrapped_key()).Open("name", name), "王芳");
  EXPECT_THROW(wang.Open("phone", name), std::runtime_error);
  EXPECT_THROW(SealedRecord::Load(sealer, "staff", "1", wang.wrapped_key()).Open("name", name), std::runtime_error);
  EXPECT_THROW(SealedRecord::Load(sealer, "customers", "2", wang.wrapped_key()), std::runtime_error);
  EXPECT_THROW(SealedRecord::New(sealer, "customers", "1").Open("name", name), std::runtime_error);
}

TEST(SealedRecord, what_is_empty_stays_empty) {
  const Sealer sealer(ServiceKeys::Generate());
  const SealedRecord record = SealedRecord::New(sealer, "customers", "1");
  EXPECT_EQ(record.Seal("phone", ""), "");
  EXPECT_EQ(record.Open("phone", ""), "");
}

TEST(SealedRecord, another_row_about_the_same_person_has_their_key_and_its_own_place) {
  const Sealer sealer(ServiceKeys::Generate());
  const SealedRecord person = SealedRecord::New(sealer, "person_keys", "1");
  const auto row = [&](const char* id) {
    return SealedRecord::Load(sealer, "person_keys", "1", person.wrapped_key()).Row("complaint_notes", id);
  };
  const std::string note = row("n1").Seal("note", "waited for two hours");
  EXPECT_EQ(row("n1").Open("note", note), "waited for two hours");
  EXPECT_THROW(row("n2").Open("note", note), std::runtime_error);
}

TEST(SealedRecord, G6_history_is_bound_to_the_record) {
  const Sealer sealer(ServiceKeys::Generate());
  const SealedRecord record = SealedRecord::New(sealer, "customers", "1");
  const std::string why = record.SealHistory("a loss");
  EXPECT_EQ(record.OpenHistory(why), "a loss");
  EXPECT_THROW(record.Open("name", why), std::runtime_error);
}

}  // namespace
}  // namespace renxin::privacy
