// Every file of every corpus through its target: what fuzzing found stays found.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/targets.h"

namespace renxin::fuzz {
namespace {

TEST(Corpus, every_file_goes_through_its_target) {
  for (const Target& target : kTargets) {
    std::size_t files = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(RENXIN_SOURCE_DIR) + "/tests/fuzz/corpus/" + std::string(target.name))) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      SCOPED_TRACE(entry.path().string());
      target.run(bytes);
      ++files;
    }
    EXPECT_GT(files, 0U) << target.name;
  }
}

// A target that lets everything pass would find nothing.
TEST(CorpusDeathTest, a_property_that_does_not_hold_ends_the_process) {
  EXPECT_DEATH(Must(false, "nothing holds"), "does not hold: nothing holds");
}

}  // namespace
}  // namespace renxin::fuzz
