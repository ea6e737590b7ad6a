#include "shared/runtime/answer.h"

#include <gtest/gtest.h>

#include "renxin/ops/v1/ops.pb.h"

namespace renxin::runtime {
namespace {

// The page sizes that are tried until the answer fits, where every row has that many bytes.
std::vector<int> Tried(int page_size, std::size_t row_bytes, std::size_t* answer_bytes = nullptr) {
  ops::v1::ListFindingsRequest req;
  req.set_page_size(page_size);
  std::vector<int> tried;
  const auto answer = RunToFit(&req, [&]() -> Result<std::string> {
    tried.push_back(req.page_size());
    const int rows = req.page_size() == 0 ? 50 : req.page_size();
    return std::string(static_cast<std::size_t>(rows) * row_bytes, 'x');
  });
  if (answer_bytes != nullptr) *answer_bytes = answer->size();
  return tried;
}

TEST(Answer, A_page_that_is_too_large_is_read_again_with_half_the_rows) {
  std::size_t bytes = 0;
  EXPECT_EQ(Tried(200, 1'000, &bytes), (std::vector<int>{200}));
  EXPECT_EQ(Tried(200, 4'000, &bytes), (std::vector<int>{200, 100, 50}));
  EXPECT_EQ(bytes, 200'000U);
  EXPECT_EQ(Tried(0, 8'000), (std::vector<int>{0, 25}));
  EXPECT_EQ(Tried(3, kAnswerMax), (std::vector<int>{3, 1}));
}

TEST(Answer, One_row_that_is_too_large_is_left_as_it_is) {
  std::size_t bytes = 0;
  EXPECT_EQ(Tried(2, kAnswerMax + 1, &bytes), (std::vector<int>{2, 1}));
  EXPECT_EQ(bytes, kAnswerMax + 1);
}

TEST(Answer, What_is_no_page_is_run_once) {
  ops::v1::PingRequest req;
  int runs = 0;
  const auto answer = RunToFit(&req, [&]() -> Result<std::string> {
    ++runs;
    return std::string(kAnswerMax + 1, 'x');
  });
  EXPECT_TRUE(answer.ok());
  EXPECT_EQ(runs, 1);
}

TEST(Answer, A_refusal_stays_one) {
  ops::v1::ListFindingsRequest req;
  const auto answer = RunToFit(&req, []() -> Result<std::string> { return NotFound("it"); });
  EXPECT_EQ(answer.error().code, Code::kNotFound);
}

}  // namespace
}  // namespace renxin::runtime
