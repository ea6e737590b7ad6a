#include "services/leads/courses/store.h"

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/core/text.h"
#include "shared/db/rows.h"

namespace renxin::leads::courses {
namespace {

const db::InsertSpec kInsert{.table = "courses",
                             .columns = {"id", "source", "course_no", "customer_id", "version", "created_at"},
                             .suffix = "on conflict (customer_id, source, course_no) do nothing"};

const db::Rows<Course> kCourses("courses", {{"id", &Course::id},
                                            {"source", &Course::source},
                                            {"course_no", &Course::course_no},
                                            {"customer_id", &Course::customer_id},
                                            {"closed_at", &Course::closed_at},
                                            {"version", &Course::version}});

}  // namespace

void InsertIfAbsent(Tx& tx, const std::string& source, const std::string& course_no, const std::string& customer_id, Instant now) {
  tx.Stage(kInsert, {NewId(), source, course_no, customer_id, std::int64_t{1}, now.micros});
}

std::optional<Course> Get(Tx& tx, const std::string& id, bool for_update) {
  return kCourses.First(tx, "where id = :id" + std::string(for_update ? tx.ForUpdate() : ""), {{"id", id}});
}

contract::Paged<Course> List(Tx& tx, const std::string& customer_id, State state, const contract::Page& page) {
  std::string where = "where customer_id = :customer and (course_no, source) > (:no, :source)";
  if (state != State::kUnspecified) where += state == State::kClosed ? " and closed_at is not null" : " and closed_at is null";
  auto rows = kCourses.Select(tx, where + " order by course_no, source limit " + std::to_string(page.fetch()),
                              {{"customer", customer_id}, {"no", page.Text(0)}, {"source", page.Text(1)}});
  return contract::Cut(kCourseList, page, std::move(rows), [](const Course& course) {
    return std::vector<std::string>{course.course_no, course.source};
  });
}

void Save(Tx& tx, const Environment& env, const Course& course, Instant now) {
  db::Value at;
  db::Value day;
  db::Value month;
  if (course.closed_at) {
    const Day on = env.zone.DayOf(*course.closed_at);
    at = course.closed_at->micros;
    day = FormatDay(on);
    month = FormatMonth(MonthOf(on));
  }
  tx.Exec("update courses set closed_at = :at, closed_on = :day, closed_month = :month, version = :version where id = :id",
          {{"at", at}, {"day", day}, {"month", month}, {"version", course.version}, {"id", course.id}});
  v1::CourseChanged event;
  event.set_course_id(course.id);
  event.set_source(course.source);
  event.set_course_no(course.course_no);
  event.set_customer_id(course.customer_id);
  if (course.closed_at) event.set_closed_at(FormatTime(*course.closed_at));
  event.set_version(course.version);
  db::Publish(tx, {course.id, course.version, course.closed_at.value_or(now), now}, event);
}

std::vector<DayClosed> ControlTotals(Tx& tx, const std::string& month) {
  std::vector<DayClosed> out;
  for (auto& [day, count, versions] : tx.Select<std::string, std::int64_t, std::int64_t>(
           "select closed_on, cast(count(*) as bigint), cast(sum(version) as bigint) from courses where closed_month = :month "
           "group by closed_on order by closed_on limit 31",
           {{"month", month}})) {
    out.push_back({day, count, versions});
  }
  return out;
}

}  // namespace renxin::leads::courses
