// Commands and imports of leads that collide on two replicas.

#include "services/leads/consultations/handlers.h"
#include "services/leads/consultations/imports.h"
#include "services/leads/consultations/store.h"
#include "services/leads/customers/imports.h"
#include "services/leads/directory/directory.h"
#include "services/leads/settlements/handlers.h"
#include "services/leads/settlements/imports.h"
#include "services/leads/wiring.h"
#include "shared/core/money.h"
#include "shared/core/text.h"
#include "shared/intake/apply.h"
#include "shared/testing/databases.h"
#include "shared/testing/race.h"

namespace renxin::leads {
namespace {

using consultations::State;
using renxin::testing::Race;

class RacesTest : public renxin::testing::OnServiceTables {
 protected:
  RacesTest() : OnServiceTables(AllMigrations()) {}

  Result<v1::CreateLeadResponse> Consult(Tx& tx, const std::string& name) {
    v1::CreateLeadRequest req;
    req.set_channel("online");
    req.set_name(name);
    req.set_phone("13800138000");
    return consultations::CreateLead(tx, ctx_, req);
  }
  std::string NewLead() {
    return Do([&](Tx& tx) { return Consult(tx, "王芳")->lead().id(); });
  }
  Result<v1::Lead> Move(Tx& tx, const std::string& id, v1::LeadState to, const std::string& reason = "") {
    v1::MoveLeadRequest req;
    req.set_id(id);
    req.set_to(to);
    req.set_reason(reason);
    return consultations::MoveLead(tx, ctx_, req);
  }
  std::string NewCustomer(const std::string& name) {
    return Do([&](Tx& tx) {
      directory::CustomerDirectory directory(tx, env_, "clerk", now_);
      return directory.Add({name, "+8613800138000", "", ""}, {}, {0, name}, "").id;
    });
  }
  Result<v1::Settlement> Record(Tx& tx, const std::string& no, const std::string& customer, const std::string& amount,
                                const std::string& refund_of = "") {
    v1::RecordSettlementRequest req;
    req.set_settlement_no(no);
    req.set_kind(amount.front() == '-' ? v1::SETTLEMENT_KIND_REFUND : v1::SETTLEMENT_KIND_SALE);
    req.set_refund_of(refund_of);
    req.set_customer_id(customer);
    req.set_occurred_at("2026-02-16T08:00:00+08:00");
    auto* line = req.add_lines();
    line->set_line_no("1");
    line->set_category("other");
    line->set_amount_fen(*ParseYuan(amount));
    return settlements::RecordSettlement(tx, ctx_, req);
  }
  // One row of a file, as a step of its import takes it in.
  void Import(Tx& tx, const std::string& operation, const intake::KindSpec& kind, const std::map<std::string, std::string>& cells) {
    intake::Engine engine("leads");
    engine.Add(kind);
    intake::Row row{.line = 2, .cells = std::vector<std::string>(kind.columns.size())};
    for (const auto& [column, cell] : cells) row.cells[static_cast<std::size_t>(kind.IndexOf(column))] = cell;
    auto op = *intake::store::Load(tx, operation, true);
    const std::string no = row.cells[static_cast<std::size_t>(kind.IndexOf(kind.number))];
    intake::ApplyRecords(tx, engine, *engine.Find(kind.kind), op, {{.no = no, .rows = {row}, .target_id = ""}}, env_, now_);
    intake::store::Save(tx, op);
  }
  std::string NewOperation(const std::string& kind) {
    return Do([&](Tx& tx) {
      intake::store::Import op{.id = NewId(), .kind = kind, .source = "till"};
      intake::store::Insert(tx, op);
      return op.id;
    });
  }
  std::int64_t Count(const std::string& of) {
    return Do([&](Tx& tx) { return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from " + of)); });
  }
  // Two events of one record with the same version: a consumer would keep the wrong one for ever.
  std::int64_t DoubledVersions() {
    return Count("(select aggregate_id from outbox group by name, aggregate_id, aggregate_version having count(*) > 1) as doubled");
  }
  State StateOf(const std::string& lead) {
    return Do([&](Tx& tx) { return consultations::Get(tx, {.all = true, .staff_ids = {}}, lead, false)->funnel.state; });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
  CallContext ctx_{.now = now_, .caller = {.username = "clerk"}, .scope = {.all = true}, .env = env_};
};
RENXIN_ON_BOTH_DATABASES(RacesTest);

TEST_P(RacesTest, L3_two_consultations_of_one_person_end_with_one_customer_and_one_open_lead) {
  const auto consult = [&](Tx& tx) { EXPECT_TRUE(Consult(tx, "王芳")); };
  Race(url(), "from customers where phone_index", consult, consult);
  EXPECT_EQ(Count("customers"), 1);
  EXPECT_EQ(Count("leads"), 1);
  EXPECT_EQ(DoubledVersions(), 0);
}

TEST_P(RacesTest, L3_of_two_lost_leads_that_are_reopened_one_stays_lost) {
  const std::string first = NewLead();
  Do([&](Tx& tx) { EXPECT_TRUE(Move(tx, first, v1::LEAD_STATE_LOST, "too far")); });
  const std::string second = NewLead();
  Do([&](Tx& tx) { EXPECT_TRUE(Move(tx, second, v1::LEAD_STATE_LOST, "too dear")); });
  int reopened = 0;
  const auto reopen = [&](const std::string& id) { return [&, id](Tx& tx) { reopened += Move(tx, id, v1::LEAD_STATE_NEW) ? 1 : 0; }; };
  Race(url(), "pg_advisory_xact_lock", reopen(first), reopen(second));
  EXPECT_EQ(Count("leads where state <= 4"), 1);
}

TEST_P(RacesTest, L3_of_very_many_open_leads_the_latest_consulted_takes_the_touch) {
  const std::string customer = NewCustomer("王芳");
  std::string latest;
  Do([&](Tx& tx) {
    for (int i = 0; i <= 200; ++i) {
      latest = NewId();
      consultations::Lead lead{.id = latest, .channel = "online", .customer_id = customer};
      lead.consulted_at = now_.Plus(std::chrono::minutes(i - 300));
      consultations::Insert(tx, env_, lead, "import", now_);
    }
  });
  const auto answer = Do([&](Tx& tx) { return *Consult(tx, "王芳"); });
  EXPECT_TRUE(answer.touch());
  EXPECT_EQ(answer.lead().id(), latest);
}

TEST_P(RacesTest, L2_a_lead_that_is_lost_meanwhile_does_not_arrive) {
  const std::string lead = NewLead();
  Race(
      url(), "from leads where id",
      [&](Tx& tx) {
        consultations::AdvanceAll(tx, {{lead, State::kArrived, now_}}, "import", now_);
      },
      [&](Tx& tx) { EXPECT_TRUE(Move(tx, lead, v1::LEAD_STATE_LOST, "too far")); });
  EXPECT_EQ(StateOf(lead), State::kLost);
  EXPECT_EQ(DoubledVersions(), 0);
}

TEST_P(RacesTest, L2_an_appointment_does_not_overwrite_an_arrival) {
  const std::string lead = NewLead();
  const auto advance = [&](State to) { return [&, to](Tx& tx) { consultations::AdvanceAll(tx, {{lead, to, now_}}, "import", now_); }; };
  Race(url(), "from leads where id", advance(State::kAppointed), advance(State::kArrived));
  EXPECT_EQ(StateOf(lead), State::kArrived);
  EXPECT_EQ(DoubledVersions(), 0);
}

TEST_P(RacesTest, L7_a_number_recorded_twice_is_one_settlement_in_two_versions) {
  const std::string customer = NewCustomer("王芳");
  const auto record = [&](const std::string& amount) { return [&, amount](Tx& tx) { EXPECT_TRUE(Record(tx, "S1", customer, amount)); }; };
  Race(url(), "from settlements where source", record("100.00"), record("200.00"));
  EXPECT_EQ(Count("settlements"), 1);
  EXPECT_EQ(Count("settlements where version = 2"), 1);
  EXPECT_EQ(DoubledVersions(), 0);
}

TEST_P(RacesTest, L7_of_two_refunds_that_exceed_their_sale_together_the_later_is_refused) {
  const std::string customer = NewCustomer("王芳");
  Do([&](Tx& tx) { EXPECT_TRUE(Record(tx, "S1", customer, "100.00")); });
  const auto refund = [&](const std::string& no) { return [&, no](Tx& tx) { Record(tx, no, customer, "-60.00", "S1").ok(); }; };
  Race(url(), "where refund_of", refund("R1"), refund("R2"));
  EXPECT_EQ(Count("settlements where kind = 2"), 1);
}

TEST_P(RacesTest, L7_a_sale_is_not_brought_below_a_refund_that_comes_meanwhile) {
  const std::string customer = NewCustomer("王芳");
  Do([&](Tx& tx) { EXPECT_TRUE(Record(tx, "S1", customer, "100.00")); });
  Race(
      url(), "where refund_of", [&](Tx& tx) { Record(tx, "S1", customer, "50.00").ok(); },
      [&](Tx& tx) { Record(tx, "R1", customer, "-60.00", "S1").ok(); });
  EXPECT_EQ(Count("settlements where kind = 1 and total_fen = 5000") + Count("settlements where kind = 2"), 1) << "one of the two";
}

TEST_P(RacesTest, L11_one_customer_number_in_two_files_is_one_customer) {
  const std::string a = NewOperation("customers");
  const std::string b = NewOperation("customers");
  const auto import = [&](const std::string& operation, const std::string& phone) {
    return [&, operation, phone](Tx& tx) {
      Import(tx, operation, customers::ImportKind(), {{"customer_no", "K1"}, {"name", "王芳"}, {"phone", phone}});
    };
  };
  Race(url(), "from import_keys", import(a, "13800138000"), import(b, "13900139000"));
  EXPECT_EQ(Count("customers"), 1);
  EXPECT_EQ(Count("outbox where name = 'customer_registered'"), 1) << "referrals hear of one id";
}

TEST_P(RacesTest, L11_a_customer_named_by_two_files_of_leads_is_one_customer) {
  const std::string a = NewOperation("leads");
  const std::string b = NewOperation("leads");
  const auto import = [&](const std::string& operation, const std::string& no, const std::string& phone) {
    return [&, operation, no, phone](Tx& tx) {
      Import(tx, operation, consultations::ImportKind(),
             {{"lead_no", no},
              {"consulted_at", "2026-02-01T09:00:00+08:00"},
              {"channel", "online"},
              {"source", "douyin"},
              {"customer_no", "K1"},
              {"customer_name", "王芳"},
              {"phone", phone}});
    };
  };
  Race(url(), "from codes", import(a, "L1", "13800138000"), import(b, "L2", "13900139000"));
  EXPECT_EQ(Count("customers"), 1);
  EXPECT_EQ(Count("leads"), 2);
}

TEST_P(RacesTest, L7_L11_a_refund_that_is_refused_leaves_nothing_of_its_customer) {
  const auto settle = [&](const std::string& no, const std::string& customer, const std::string& name, const std::string& refund_of) {
    const std::string operation = NewOperation("settlements");
    Do([&](Tx& tx) {
      Import(tx, operation, settlements::ImportKind(),
             {{"settlement_no", no},
              {"kind", refund_of.empty() ? "sale" : "refund"},
              {"refund_of", refund_of},
              {"customer_no", customer},
              {"customer_name", name},
              {"phone", customer == "K1" ? "13800138000" : "13900139000"},
              {"occurred_at", "2026-02-01T09:00:00+08:00"},
              {"line_no", "1"},
              {"category", "other"},
              {"amount", refund_of.empty() ? "100.00" : "-10.00"}});
    });
  };
  settle("S1", "K1", "王芳", "");
  settle("R1", "K2", "王明", "S1");  // K2 would be new: the sale is another's
  EXPECT_EQ(Count("refused_rows"), 1);
  EXPECT_EQ(Count("customers"), 1);
  settle("S2", "K2", "王明", "");
  settle("R2", "K2", "李明", "S1");  // K2 is known: nor is the name written over
  EXPECT_EQ(Count("refused_rows"), 2);
  EXPECT_EQ(Count("customers where version > 1"), 0);
}

TEST_P(RacesTest, L3_a_birthday_that_two_know_is_learned_once) {
  const std::string id = NewCustomer("王芳");
  const auto learn = [&](const std::string& birthday) {
    return [&, birthday](Tx& tx) {
      directory::CustomerDirectory directory(tx, env_, "clerk", now_);
      directory.LoadPhones({"+8613800138000"});
      directory.FindPerson({"王芳", "+8613800138000", birthday, "solar"});
    };
  };
  Race(url(), "from customers where phone_index", learn("1990-01-02"), learn("1991-01-02"));
  EXPECT_EQ(Count("customers where id = '" + id + "' and version = 2"), 1);
}

// `customers::Rewrite`: the row of the lowest origin stands, whichever is written last.
TEST_P(RacesTest, L11_of_two_rows_for_one_customer_the_first_origin_stands) {
  const std::string id = Do([&](Tx& tx) {
    directory::CustomerDirectory directory(tx, env_, "clerk", now_);
    return directory.Add({"王芳", "+8613800138000", "", ""}, {}, {2, "S9"}, "till").id;
  });
  const auto rewrite = [&](int rank, const std::string& name) {
    return [&, rank, name](Tx& tx) { customers::Rewrite(tx, env_, id, {name, "+8613800138000", "", ""}, {rank, name}); };
  };
  Race(url(), "select data_key", rewrite(1, "from a lead"), rewrite(0, "from customers.csv"));
  EXPECT_EQ(Do([&](Tx& tx) { return customers::Get(tx, env_, id)->person.name; }), "from customers.csv");
}

}  // namespace
}  // namespace renxin::leads
