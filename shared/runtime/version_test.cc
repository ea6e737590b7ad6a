#include "shared/runtime/version.h"

#include <gtest/gtest.h>

namespace renxin::runtime {
namespace {

TEST(CheckVersion, ComparesOnlyWhatWasAsked) {
  const privacy::Sealer sealer(privacy::ServiceKeys::Generate());
  const Zone zone("Asia/Shanghai");
  const Environment env{sealer, zone};
  struct Case {
    std::optional<std::int64_t> expected;
    std::int64_t current;
    bool fits;
  };
  for (const Case& c : std::vector<Case>{{{}, 7, true}, {7, 7, true}, {6, 7, false}, {8, 7, false}, {1, 0, false}}) {
    const CallContext ctx{.now = {}, .caller = {}, .scope = {}, .env = env, .expected_version = c.expected};
    const Status status = CheckVersion(ctx, c.current);
    ASSERT_EQ(status.ok(), c.fits) << c.current;
    if (status) continue;
    EXPECT_EQ(status.error().code, Code::kPreconditionFailed);
    EXPECT_EQ(status.error().reason, Reason::kVersionMismatch);
    EXPECT_EQ(status.error().message, "the record is at version " + std::to_string(c.current));
  }
}

}  // namespace
}  // namespace renxin::runtime
