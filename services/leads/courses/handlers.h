#pragma once
#include "renxin/leads/v1/courses.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::courses {

Result<v1::ListCoursesResponse> ListCourses(Tx& tx, const CallContext& ctx, const v1::ListCoursesRequest& req);
Result<v1::Course> GetCourse(Tx& tx, const CallContext& ctx, const v1::GetCourseRequest& req);
Result<v1::Course> CloseCourse(Tx& tx, const CallContext& ctx, const v1::CloseCourseRequest& req);
Result<v1::Course> ReopenCourse(Tx& tx, const CallContext& ctx, const v1::ReopenCourseRequest& req);

}  // namespace renxin::leads::courses
