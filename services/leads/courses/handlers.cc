#include "services/leads/courses/handlers.h"

#include "services/leads/courses/rules.h"
#include "services/leads/courses/store.h"
#include "shared/runtime/version.h"

namespace renxin::leads::courses {
namespace {

v1::Course ToProto(const Course& course) {
  v1::Course out;
  out.set_id(course.id);
  out.set_course_no(course.course_no);
  out.set_customer_id(course.customer_id);
  out.set_source(course.source);
  if (course.closed_at) out.set_closed_at(FormatTime(*course.closed_at));
  out.set_version(course.version);
  return out;
}

}  // namespace

Result<v1::ListCoursesResponse> ListCourses(Tx& tx, const CallContext& /*ctx*/, const v1::ListCoursesRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kCourseList, req));
  const contract::Paged<Course> page = List(tx, req.customer_id(), static_cast<State>(req.state()), asked);
  v1::ListCoursesResponse out;
  for (const Course& course : page.rows) *out.add_courses() = ToProto(course);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::Course> GetCourse(Tx& tx, const CallContext& /*ctx*/, const v1::GetCourseRequest& req) {
  const auto course = Get(tx, req.id(), false);
  if (!course) return NotFound("course");
  return ToProto(*course);
}

Result<v1::Course> CloseCourse(Tx& tx, const CallContext& ctx, const v1::CloseCourseRequest& req) {
  auto course = Get(tx, req.id(), true);
  if (!course) return NotFound("course");
  RETURN_IF_ERROR(runtime::CheckVersion(ctx, course->version));
  std::optional<Instant> requested;
  if (!req.closed_at().empty()) {
    ASSIGN_OR_RETURN(requested, ParseTime(req.closed_at()));
  }
  ASSIGN_OR_RETURN(course->closed_at, Close(course->closed_at, requested, ctx.now));
  ++course->version;
  Save(tx, ctx.env, *course, ctx.now);
  db::AppendHistory(tx, {"course", course->id, ctx.now, ctx.caller.username, "under way", "closed", FormatTime(*course->closed_at)});
  return ToProto(*course);
}

Result<v1::Course> ReopenCourse(Tx& tx, const CallContext& ctx, const v1::ReopenCourseRequest& req) {
  auto course = Get(tx, req.id(), true);
  if (!course) return NotFound("course");
  RETURN_IF_ERROR(runtime::CheckVersion(ctx, course->version));
  RETURN_IF_ERROR(Reopen(course->closed_at));
  course->closed_at.reset();
  ++course->version;
  Save(tx, ctx.env, *course, ctx.now);
  db::AppendSealedHistory(tx, ctx.env.sealer, {"course", course->id, ctx.now, ctx.caller.username, "closed", "under way", req.reason()});
  return ToProto(*course);
}

}  // namespace renxin::leads::courses
