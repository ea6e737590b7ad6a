// The lists of leads on both databases: page by page, what their filters leave, and whom they are shown to.

#include <algorithm>

#include "services/leads/appointments/handlers.h"
#include "services/leads/appointments/store.h"
#include "services/leads/consents/handlers.h"
#include "services/leads/consents/store.h"
#include "services/leads/consultations/handlers.h"
#include "services/leads/courses/handlers.h"
#include "services/leads/directory/directory.h"
#include "services/leads/households/handlers.h"
#include "services/leads/households/store.h"
#include "services/leads/marks/handlers.h"
#include "services/leads/settlements/handlers.h"
#include "services/leads/settlements/store.h"
#include "services/leads/visits/handlers.h"
#include "services/leads/visits/store.h"
#include "services/leads/wiring.h"
#include "shared/core/text.h"
#include "shared/testing/databases.h"
#include "shared/testing/pages.h"

namespace renxin::leads {
namespace {

using Ids = std::vector<std::string>;

// Rows of one moment go by their ids.
Ids Ascending(Ids ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}
Ids Descending(Ids ids) {
  std::sort(ids.rbegin(), ids.rend());
  return ids;
}
// `first`, then `others`.
Ids Before(const std::string& first, Ids others) {
  others.insert(others.begin(), first);
  return others;
}

class ListsTest : public testing::OnServiceTables {
 protected:
  ListsTest() : OnServiceTables(AllMigrations()) {}
  CallContext Context(const std::vector<std::string>& staff = {}) const {
    return {.now = now_, .caller = {.username = "clerk"}, .scope = {.all = staff.empty(), .staff_ids = staff}, .env = env_};
  }
  template <class Res, class Req>
  Result<Res> Call(Result<Res> (*handler)(Tx&, const CallContext&, const Req&), const Req& req, const CallContext& ctx) {
    db::Tx tx(session(), true);
    return handler(tx, ctx, req);
  }
  auto Lister(auto handler) {
    return [this, handler](const auto& req) { return Call(handler, req, Context()); };
  }
  // The ids of the rows in the field `rows` of an answer.
  static auto IdsOf(const std::string& rows) {
    return [rows](const google::protobuf::Message& page) {
      const auto* field = page.GetDescriptor()->FindFieldByName(rows);
      const auto* id = field->message_type()->FindFieldByName("id");
      Ids ids;
      for (int i = 0; i < page.GetReflection()->FieldSize(page, field); ++i) {
        const auto& row = page.GetReflection()->GetRepeatedMessage(page, field, i);
        ids.push_back(row.GetReflection()->GetString(row, id));
      }
      return ids;
    };
  }
  std::string Lead(Tx& tx, const std::string& customer, const std::string& at, const std::string& consultant = "", int state = 1) {
    std::string id = NewId();
    tx.Exec(
        "insert into leads (id, state, state_before, channel, customer_id, consultant_id, consulted_at, consulted_month, touches, "
        "touched_at, version, created_at) values (:id, :state, 1, 'phone', :customer, :consultant, :at, '2026-02', 1, 0, 1, 0)",
        {{"id", id}, {"state", state}, {"customer", customer}, {"consultant", db::TextOrNull(consultant)}, {"at", ParseTime(at)->micros}});
    return id;
  }
  std::string Appoint(Tx& tx, const std::string& lead, const std::string& at) {
    const appointments::Appointment a{.id = NewId(), .lead_id = lead, .department = "dental", .slot_start = *ParseTime(at)};
    appointments::Insert(tx, env_, a, "clerk", now_);
    return a.id;
  }
  std::string Arrive(Tx& tx, const std::string& customer, const std::string& at, const std::string& rep = "") {
    const visits::Visit v{
        .id = NewId(), .customer_id = customer, .department = "dental", .arrived_at = *ParseTime(at), .rep_id = rep, .version = 1};
    visits::Insert(tx, env_, v, "clerk", now_);
    return v.id;
  }
  std::string Settle(Tx& tx, const std::string& customer, const std::string& at, const std::string& course = "") {
    settlements::Settlement s{.id = NewId(), .source = "till", .settlement_no = NewId(), .customer_id = customer, .course_no = course};
    s.occurred_at = *ParseTime(at);
    s.lines = {{"1", "dental", 100, 1}, {"2", "dental", 50, 1}};
    settlements::Insert(tx, env_, s, "clerk", now_);
    return s.id;
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
};
RENXIN_ON_BOTH_DATABASES(ListsTest);

constexpr const char* kMonday = "2026-02-16T10:00:00+08:00";
constexpr const char* kTuesday = "2026-02-17T00:00:00+08:00";

TEST_P(ListsTest, Appointments_go_by_time_and_a_consultant_sees_those_of_their_leads) {
  const std::string customer = NewId();
  const std::string consultant = NewId();
  Ids monday;
  std::string tuesday;
  Do([&](Tx& tx) {
    const std::string lead = Lead(tx, customer, kMonday, consultant);
    const std::string other = Lead(tx, NewId(), kMonday);
    monday = {Appoint(tx, lead, kMonday), Appoint(tx, lead, kMonday), Appoint(tx, other, kMonday)};
    tuesday = Appoint(tx, other, kTuesday);
  });
  const auto ids = IdsOf("appointments");
  v1::ListAppointmentsRequest req;
  testing::ExpectPages(req, Lister(&appointments::ListAppointments), ids);
  EXPECT_EQ(ids(*Call(&appointments::ListAppointments, req, Context())).back(), tuesday);
  EXPECT_EQ(ids(*Call(&appointments::ListAppointments, req, Context({consultant}))), Ascending({monday[0], monday[1]}));
  req.set_day_to("2026-02-16");
  testing::ExpectPages(req, Lister(&appointments::ListAppointments), ids);
  EXPECT_EQ(ids(*Call(&appointments::ListAppointments, req, Context())), Ascending(monday));
  req.set_customer_id(customer);
  EXPECT_EQ(ids(*Call(&appointments::ListAppointments, req, Context())), Ascending({monday[0], monday[1]}));
  req.set_status(v1::APPOINTMENT_STATUS_ARRIVED);
  EXPECT_EQ(ids(*Call(&appointments::ListAppointments, req, Context())), Ids{});
  v1::GetAppointmentRequest one;
  one.set_id(tuesday);
  EXPECT_EQ(Call(&appointments::GetAppointment, one, Context())->id(), tuesday);
  EXPECT_EQ(Call(&appointments::GetAppointment, one, Context({consultant})).error().code, Code::kNotFound);
}

TEST_P(ListsTest, Visits_go_latest_first_and_a_rep_sees_their_own) {
  const std::string customer = NewId();
  const std::string rep = NewId();
  Ids all;
  Do([&](Tx& tx) {
    for (int i = 0; i < 3; ++i) all.push_back(Arrive(tx, customer, kMonday, i == 0 ? rep : ""));
    all.push_back(Arrive(tx, NewId(), kTuesday));
  });
  const auto ids = IdsOf("visits");
  v1::ListVisitsRequest req;
  testing::ExpectPages(req, Lister(&visits::ListVisits), ids);
  EXPECT_EQ(ids(*Call(&visits::ListVisits, req, Context())), Before(all[3], Descending({all[0], all[1], all[2]})));
  EXPECT_EQ(ids(*Call(&visits::ListVisits, req, Context({rep}))), Ids{all[0]});
  req.set_customer_id(customer);
  testing::ExpectPages(req, Lister(&visits::ListVisits), ids);
  req.set_rep_id(rep);
  EXPECT_EQ(ids(*Call(&visits::ListVisits, req, Context())), Ids{all[0]});
  v1::ListVisitsRequest tuesday;
  tuesday.set_day_from("2026-02-17");
  EXPECT_EQ(ids(*Call(&visits::ListVisits, tuesday, Context())), Ids{all[3]});
  tuesday.set_day_to("2026-02-16");
  EXPECT_EQ(testing::RefusedField(Call(&visits::ListVisits, tuesday, Context()).error()), "day_to");
}

TEST_P(ListsTest, Settlements_of_a_customer_go_latest_first_with_their_lines) {
  const std::string customer = NewId();
  Ids all;
  Do([&](Tx& tx) {
    for (int i = 0; i < 3; ++i) all.push_back(Settle(tx, customer, kMonday));
    all.push_back(Settle(tx, customer, kTuesday));
    Settle(tx, NewId(), kTuesday);
  });
  const auto ids = IdsOf("settlements");
  v1::ListSettlementsRequest req;
  req.set_customer_id(customer);
  testing::ExpectPages(req, Lister(&settlements::ListSettlements), ids);
  const auto listed = *Call(&settlements::ListSettlements, req, Context());
  EXPECT_EQ(ids(listed), Before(all[3], Descending({all[0], all[1], all[2]})));
  for (const auto& settlement : listed.settlements()) {
    ASSERT_EQ(settlement.lines_size(), 2);
    EXPECT_EQ(settlement.total_fen(), 150);
  }
  req.set_day_from("2026-02-17");
  EXPECT_EQ(ids(*Call(&settlements::ListSettlements, req, Context())), Ids{all[3]});
  req.set_kind(v1::SETTLEMENT_KIND_REFUND);
  EXPECT_EQ(ids(*Call(&settlements::ListSettlements, req, Context())), Ids{});
}

TEST_P(ListsTest, Courses_of_a_customer_go_by_number) {
  const std::string customer = NewId();
  Do([&](Tx& tx) {
    for (const char* course : {"b", "a", "c", "a"}) Settle(tx, customer, kMonday, course);
    Settle(tx, NewId(), kMonday, "a");
  });
  const auto numbers = [](const v1::ListCoursesResponse& page) {
    Ids ids;
    for (const auto& course : page.courses()) ids.push_back(course.course_no());
    return ids;
  };
  v1::ListCoursesRequest req;
  req.set_customer_id(customer);
  testing::ExpectPages(req, Lister(&courses::ListCourses), numbers);
  EXPECT_EQ(numbers(*Call(&courses::ListCourses, req, Context())), (Ids{"a", "b", "c"}));
  req.set_state(v1::COURSE_STATE_CLOSED);
  EXPECT_EQ(numbers(*Call(&courses::ListCourses, req, Context())), Ids{});
  req.set_state(v1::COURSE_STATE_UNDER_WAY);
  EXPECT_EQ(numbers(*Call(&courses::ListCourses, req, Context())).size(), 3U);
}

TEST_P(ListsTest, Leads_go_newest_first_by_state_day_and_customer) {
  const std::string customer = NewId();
  Ids all;
  Do([&](Tx& tx) {
    for (int i = 0; i < 3; ++i) all.push_back(Lead(tx, customer, kMonday, "", i == 0 ? 2 : 1));
    all.push_back(Lead(tx, customer, kTuesday));
  });
  const auto list = [&](const v1::ListLeadsRequest& req) { return Call(&consultations::ListLeads, req, Context()); };
  const auto ids = IdsOf("leads");
  v1::ListLeadsRequest req;
  testing::ExpectPages(req, list, ids);
  req.set_customer_id(customer);
  EXPECT_EQ(ids(*list(req)), Before(all[3], Descending({all[0], all[1], all[2]})));
  req.set_day_to("2026-02-16");
  EXPECT_EQ(ids(*list(req)), Descending({all[0], all[1], all[2]}));
  req.set_state(static_cast<v1::LeadState>(2));
  EXPECT_EQ(ids(*list(req)), Ids{all[0]});
}

TEST_P(ListsTest, Households_are_listed_by_state) {
  Ids all;
  Do([&](Tx& tx) {
    for (int i = 0; i < 4; ++i) all.push_back(households::Propose(tx, "phone" + std::to_string(i), "", "clerk", now_));
    tx.Flush();
    households::SetState(tx, all[3], households::State::kConfirmed);
  });
  const auto ids = IdsOf("households");
  v1::ListHouseholdsRequest req;
  testing::ExpectPages(req, Lister(&households::ListHouseholds), ids);
  req.set_state(v1::HOUSEHOLD_STATE_PROPOSED);
  testing::ExpectPages(req, Lister(&households::ListHouseholds), ids);
  EXPECT_EQ(ids(*Call(&households::ListHouseholds, req, Context())), Ascending({all[0], all[1], all[2]}));
  v1::GetHouseholdRequest one;
  one.set_id(all[3]);
  EXPECT_EQ(Call(&households::GetHousehold, one, Context())->state(), v1::HOUSEHOLD_STATE_CONFIRMED);
}

TEST_P(ListsTest, P2_consents_go_newest_first_and_what_decides_is_on_every_page) {
  std::string customer;
  Do([&](Tx& tx) {
    directory::CustomerDirectory directory(tx, env_, "clerk", now_);
    customer = directory.Add({"王芳", "", "", ""}, {}, {0, "x"}, "").id;
    tx.Flush();
    for (int i = 0; i < 4; ++i) {
      consents::Record(tx, customer,
                       {{i == 0 ? "service" : "marketing", i != 2, {i == 3 ? 2 : i}}, "a form", std::to_string(i), now_, "somebody"});
    }
  });
  const auto versions = [](const v1::CustomerConsents& page) {
    Ids ids;
    for (const auto& entry : page.entries()) ids.push_back(entry.text_version());
    return ids;
  };
  v1::ListConsentsRequest req;
  req.set_id(customer);
  testing::ExpectPages(req, Lister(&consents::ListConsents), versions);
  const Ids all = versions(*Call(&consents::ListConsents, req, Context()));
  EXPECT_EQ(Ascending({all[0], all[1]}), (Ids{"2", "3"})) << "of one moment";
  EXPECT_EQ(Ids(all.begin() + 2, all.end()), (Ids{"1", "0"}));
  req.set_page_size(1);
  const auto first = *Call(&consents::ListConsents, req, Context());
  req.set_page_token(first.next_page_token());
  for (const v1::CustomerConsents& page : {first, *Call(&consents::ListConsents, req, Context())}) {
    ASSERT_EQ(page.current_size(), 2);
    EXPECT_EQ(page.current(0).decision(), "withdrawn") << "given and withdrawn at one moment is withdrawn";
  }
  v1::ListConsentsRequest service;
  service.set_id(customer);
  service.set_purpose("service");
  EXPECT_EQ(versions(*Call(&consents::ListConsents, service, Context())), Ids{"0"});
}

TEST_P(ListsTest, N3_the_history_of_marks_goes_oldest_first) {
  std::string customer;
  Do([&](Tx& tx) {
    directory::CustomerDirectory directory(tx, env_, "clerk", now_);
    customer = directory.Add({"王芳", "", "", ""}, {}, {0, "x"}, "").id;
    tx.Flush();
    for (int i = 0; i < 4; ++i) {
      v1::MarkCustomerRequest mark;
      mark.set_id(customer);
      mark.set_mark("compassion");
      mark.set_set(i % 2 == 0);
      mark.set_reason("reason " + std::to_string(i));
      ASSERT_TRUE(marks::MarkCustomer(tx, Context(), mark));
    }
  });
  const auto reasons = [](const v1::CustomerMarks& page) {
    Ids ids;
    for (const auto& entry : page.history()) ids.push_back(entry.why());
    return ids;
  };
  v1::GetMarksRequest req;
  req.set_id(customer);
  testing::ExpectPages(req, Lister(&marks::GetMarks), reasons);
  EXPECT_EQ(reasons(*Call(&marks::GetMarks, req, Context())), (Ids{"reason 0", "reason 1", "reason 2", "reason 3"}));
}

}  // namespace
}  // namespace renxin::leads
