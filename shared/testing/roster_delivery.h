#pragma once
// The roster of a service, delivered in any order (see delivery.h).

#include "renxin/identity/v1/identity_events.pb.h"
#include "shared/runtime/roster.h"
#include "shared/testing/delivery.h"

namespace renxin::testing {

// Where somebody stood from a day on.
struct Stay {
  const char* from;
  const char* group;
  const char* supervisor;
};

inline identity::v1::StaffChanged StaffEvent(const std::string& no, std::int64_t version, const std::vector<Stay>& stays,
                                             const std::string& source = "his") {
  identity::v1::StaffChanged staff;
  staff.set_staff_id("id-" + no);
  staff.set_source(source);
  staff.set_staff_no(no);
  staff.set_version(version);
  for (const Stay& stay : stays) {
    auto* period = staff.add_periods();
    period->set_from(stay.from);
    period->set_group_no(stay.group);
    period->set_supervisor_no(stay.supervisor);
  }
  return staff;
}

inline Deliveries OfStaff(runtime::RunReaction run) {
  return {.run = std::move(run),
          .make =
              [](const std::string& id, std::int64_t version) {
                auto event = std::make_unique<identity::v1::StaffChanged>();
                event->set_staff_id(id);
                event->set_source("test");
                event->set_staff_no(id);
                event->set_job("rep");
                event->set_joined_on("2026-01-01");
                auto* period = event->add_periods();
                period->set_from("2026-01-01");
                period->set_plan("plan-" + std::to_string(version));
                event->set_version(version);
                return event;
              },
          .state =
              [](db::Tx& tx, const std::string& id) {
                const auto entry = runtime::StaffById(tx, id);
                return entry ? entry->snapshot->periods(0).plan() : std::string();
              }};
}

}  // namespace renxin::testing
