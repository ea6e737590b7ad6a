// What a service knows of the contract through the code that is linked into it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "renxin/commissions/v1/commissions.pb.h"
#include "renxin/leads/v1/leads_events.pb.h"
#include "renxin/ops/v1/ops.pb.h"
#include "shared/contract/method.h"

namespace renxin::contract {
namespace {

std::vector<std::string> NamesOf(const DescriptorSet& set, std::string_view service) {
  std::vector<std::string> names;
  for (const MethodInfo& method : MethodsOf(set, service)) names.push_back(method.name());
  std::sort(names.begin(), names.end());
  return names;
}

class Linked : public ::testing::Test {
 protected:
  // The linker leaves out what nobody refers to.
  void SetUp() override {
    commissions::v1::Statement::descriptor();
    leads::v1::SettlementRecorded::descriptor();
    ops::v1::History::descriptor();
  }
};

TEST_F(Linked, AServiceFindsTheSameRpcsAsTheWholeContractLists) {
  const auto expected = NamesOf(EmbeddedDescriptors(), "commissions");
  EXPECT_THAT(expected, ::testing::Contains("OpsService.GetStatus")) << "the contracts that it hosts are among them";
  EXPECT_EQ(expected, NamesOf(LinkedDescriptors("commissions"), "commissions"));
}

TEST_F(Linked, AnotherServicesFilesAreLeftOutThoughTheyAreLinked) {
  for (const auto* file : LinkedDescriptors("commissions").files) EXPECT_NE("renxin.leads.v1", file->package()) << file->name();
}

TEST_F(Linked, AnOptionIsReadThroughTheGeneratedPool) {
  for (const MethodInfo& method : MethodsOf(LinkedDescriptors("commissions"), "commissions"))
    EXPECT_TRUE(method.has_access) << method.name();
}

}  // namespace
}  // namespace renxin::contract
