#pragma once
#include <optional>
#include <string>
#include <vector>

#include "shared/contract/page.h"
#include "shared/runtime/context.h"
#include "shared/runtime/day_range.h"

namespace renxin::leads::appointments {

// The numbers are those of AppointmentStatus in the contract.
enum class Status : std::uint8_t { kUnspecified = 0, kBooked = 1, kArrived = 2, kNoShow = 3, kCancelled = 4 };
std::string_view Name(Status status);

struct Appointment {
  std::string id;
  std::string lead_id;
  Status status = Status::kBooked;
  std::string department;
  Instant booked_at;
  Instant slot_start;
  std::optional<Instant> status_at;
  std::string imported_from;
  std::int64_t version = 1;
};

// Only a booked one moves, and only once (L5 as far as it goes without slots).
Result<Appointment> Move(const Appointment& from, Status to, Instant now);

void Insert(Tx& tx, const Environment& env, const Appointment& appointment, std::string_view by, Instant now);
void Update(Tx& tx, const Environment& env, const Appointment& appointment, std::string_view by, Instant now);
std::optional<Appointment> GetForUpdate(Tx& tx, const std::string& id);
// Of a lead whose consultant the caller sees.
std::optional<Appointment> Get(Tx& tx, const Scope& scope, const std::string& id);

struct ListFilter {
  std::string customer_id;
  std::string lead_id;
  runtime::DayRange days;
  Status status = Status::kUnspecified;
};
inline const contract::List kAppointmentList{"appointments", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}};
// The earliest first.
contract::Paged<Appointment> List(Tx& tx, const Scope& scope, const ListFilter& filter, const contract::Page& page);

struct DayCount {
  std::string day;
  std::int64_t appointments = 0;
  std::int64_t arrived = 0;
  std::int64_t no_show = 0;
};
std::vector<DayCount> CountByDay(Tx& tx, const std::string& imported_from);

}  // namespace renxin::leads::appointments
