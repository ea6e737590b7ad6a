#include "shared/db/stored.h"

#include <gtest/gtest.h>

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/core/text.h"
#include "shared/observe/metrics.h"

namespace renxin::db {
namespace {

TEST(Stored, a_row_that_cannot_be_read_is_counted_and_named_once) {
  leads::v1::CourseChanged course;
  course.set_course_id("c1");
  std::vector<UnreadableRow> found;
  EXPECT_EQ(ReadBody<leads::v1::CourseChanged>("stored_test", "1", ToBase64(course.SerializeAsString()), &found)->course_id(), "c1");
  EXPECT_TRUE(found.empty());
  EXPECT_FALSE(ReadBody<leads::v1::CourseChanged>("stored_test", "2", "!", &found));
  EXPECT_FALSE(ReadBody<leads::v1::CourseChanged>("stored_test", "3", ToBase64("\xff"), &found)) << "base64 of no such message";
  EXPECT_FALSE(ReadDay("stored_test", "4", "2026-02-30", &found));
  EXPECT_FALSE(ReadMonth("stored_test", "4", "2026-13", &found)) << "the same row again";
  EXPECT_FALSE(ReadDay("stored_test", "5", ""));
  EXPECT_EQ(found, (std::vector<UnreadableRow>{{"stored_test", "2"}, {"stored_test", "3"}, {"stored_test", "4"}}));
  EXPECT_NE(observe::MetricsText().find("renxin_unreadable_rows_total{table=\"stored_test\"} 5"), std::string::npos)
      << observe::MetricsText();
}

}  // namespace
}  // namespace renxin::db
