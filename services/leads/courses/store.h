#pragma once
#include <optional>
#include <string>
#include <vector>

#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::leads::courses {

struct Course {
  std::string id;
  std::string source;
  std::string course_no;
  std::string customer_id;
  std::optional<Instant> closed_at;
  std::int64_t version = 1;
};

// The first settlement that names a course brings it into being; staged.
void InsertIfAbsent(Tx& tx, const std::string& source, const std::string& course_no, const std::string& customer_id, Instant now);
std::optional<Course> Get(Tx& tx, const std::string& id, bool for_update);
// By number, at most 200.
// The numbers are those of CourseState in the contract.
enum class State : std::uint8_t { kUnspecified = 0, kUnderWay = 1, kClosed = 2 };
inline const contract::List kCourseList{"courses", {contract::KeyPart::kText, contract::KeyPart::kText}};
// Of a customer, by number.
contract::Paged<Course> List(Tx& tx, const std::string& customer_id, State state, const contract::Page& page);
// `closed_at` as it stands now and the next version, with the event course_changed.
void Save(Tx& tx, const Environment& env, const Course& course, Instant now);

struct DayClosed {
  std::string day;
  std::int64_t count = 0;
  std::int64_t versions = 0;
};
// C13: by day of the close in the month.
std::vector<DayClosed> ControlTotals(Tx& tx, const std::string& month);

}  // namespace renxin::leads::courses
