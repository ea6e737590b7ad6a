#include "shared/privacy/seal.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace renxin::privacy {
namespace {

TEST(Seal, G6_opens_only_in_its_own_place_with_its_own_key) {
  const Sealer sealer(ServiceKeys::Generate());
  const DataKey key = sealer.NewDataKey();
  const std::string sealed = Sealer::Seal(key, "customers.name:1", "李娜");
  EXPECT_EQ(Sealer::Open(key, "customers.name:1", sealed), "李娜");
  EXPECT_THROW(Sealer::Open(key, "customers.name:2", sealed), std::runtime_error);
  EXPECT_THROW(Sealer::Open(sealer.NewDataKey(), "customers.name:1", sealed), std::runtime_error);
  EXPECT_THROW(Sealer::Open(key, "customers.name:1", sealed.substr(4)), std::runtime_error);
  EXPECT_NE(sealed, Sealer::Seal(key, "customers.name:1", "李娜")) << "equal values must not look equal";
}

TEST(Seal, a_wrapped_key_belongs_to_one_person) {
  const Sealer sealer(ServiceKeys::Generate());
  const DataKey key = sealer.NewDataKey();
  const std::string wrapped = sealer.WrapKey(key, "p1");
  EXPECT_EQ(sealer.UnwrapKey(wrapped, "p1").bytes(), key.bytes());
  EXPECT_THROW(sealer.UnwrapKey(wrapped, "p2"), std::runtime_error);
  EXPECT_THROW(Sealer(ServiceKeys::Generate()).UnwrapKey(wrapped, "p1"), std::runtime_error);
}

TEST(Seal, P4_an_older_key_still_opens_after_rotation) {
  ServiceKeys ring = ServiceKeys::Generate();
  const std::string old = Sealer(ring).SealForService("upload:1", "row");
  ring.keks["k2"] = std::string(32, 'x');
  ring.newest = "k2";
  const Sealer rotated(ring);
  EXPECT_EQ(rotated.OpenForService("upload:1", old), "row");
  EXPECT_EQ(rotated.SealForService("upload:1", "row").substr(0, 3), "k2.");
}

TEST(Seal, blind_index_is_stable_per_kind_and_key) {
  const Sealer sealer(ServiceKeys::Generate());
  EXPECT_EQ(sealer.BlindIndex("phone", "+8613800138000"), sealer.BlindIndex("phone", "+8613800138000"));
  EXPECT_NE(sealer.BlindIndex("phone", "x"), sealer.BlindIndex("name", "x"));
  EXPECT_NE(sealer.BlindIndex("phone", "x"), Sealer(ServiceKeys::Generate()).BlindIndex("phone", "x"));
}

TEST(ServiceKeys, a_malformed_file_is_refused_with_its_line) {
  const std::string path = testing::TempDir() + "/keys";
  std::ofstream(path) << "kek a " << std::string(64, '0') << "\nindex 12\n";
  try {
    ServiceKeys::Load(path);
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos);
  }
  std::remove(path.c_str());
}

}  // namespace
}  // namespace renxin::privacy
