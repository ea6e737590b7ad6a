#pragma once
#include <optional>
#include <string>
#include <vector>

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
std::vector<Course> OfCustomer(Tx& tx, const std::string& customer_id);
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
