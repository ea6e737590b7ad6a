#include "shared/intake/engine.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "renxin/common/v1/common.pb.h"
#include "renxin/operations/v1/operations.pb.h"
#include "shared/intake/apply.h"
#include "shared/intake/handlers.h"
#include "shared/testing/databases.h"
#include "shared/testing/race.h"

namespace renxin::intake {
using operations::State;
std::vector<db::Migration> Migrations();
namespace {

constexpr std::string_view kWang = "\xE7\x8E\x8B\xE8\x8A\xB3";  // 王芳
constexpr std::string_view kWangGb = "\xCD\xF5\xB7\xBC";        // the same in GB18030
constexpr std::string_view kZhangCut = "\xE5\xBC\xA0\xE4";      // 张三 after four bytes
constexpr std::string_view kThing = "\xE4\xB8\x9C";             // 东: three bytes
constexpr std::string_view kLong = "longer than 400 bytes";
constexpr std::size_t kScanned = std::size_t{8} << 20;  // in one step, and no less

// Digits that do not compress: a database must not be able to make a long number short.
std::string Digits(std::size_t count) {
  std::string out;
  std::uint32_t state = 7;
  while (out.size() < count) {
    state = state * 1'664'525 + 1'013'904'223;
    out += static_cast<char>('0' + (state >> 24) % 10);
  }
  return out;
}

std::string Chinese(std::size_t bytes) {
  std::string out;
  while (out.size() + 3 <= bytes) out += kThing;
  return out + Digits(bytes - out.size());
}

class EngineTest : public renxin::testing::OnServiceTables {
 protected:
  EngineTest() : OnServiceTables(Migrations()) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    const auto apply = [this](Tx&, Batch&, const std::vector<Record>& records) {
      std::vector<Outcome> outcomes;
      for (const Record& record : records) {
        taken_.push_back(record.no + "=" + record.rows.front().cells[1]);
        outcomes.push_back(Outcome::Created("t-" + std::to_string(taken_.size())));
      }
      return outcomes;
    };
    const std::vector<Column> columns = {{"thing_no", true}, {"name"}, {"owner_no"}};
    engine_.Add({.kind = "things", .columns = columns, .number = "thing_no", .apply = apply});
    engine_.Add({.kind = "bills", .columns = columns, .number = "thing_no", .grouped = true, .apply = apply});
    engine_.Add({.kind = "moves", .columns = columns, .number = "thing_no", .number_columns = {"thing_no", "name"}, .apply = apply});
  }
  void Begin(const std::string& kind, const std::string& file) {
    id_ = "op-" + std::to_string(++begun_);
    operation_ = {.id = id_};
    taken_.clear();
    Do([&](Tx& tx) {
      store::Import op;
      op.id = id_;
      op.kind = kind;
      op.source = id_;  // of its own: nothing is known from the file before
      store::Insert(tx, op);
      constexpr std::size_t kPiece = 128 * 1024;
      for (std::size_t at = 0; at < file.size(); at += kPiece) {
        store::UploadChunk(tx, env_, id_, static_cast<std::int64_t>(at), std::string_view(file).substr(at, kPiece), std::to_string(at));
      }
      return true;
    });
  }
  store::Import Now() {
    return Do([&](Tx& tx) { return *store::Load(tx, id_, false); });
  }
  store::Import ProcessOnce() {
    operation_ = Do([&](Tx& tx) {
      operations::Operation op = operation_;
      ProcessStep(tx, engine_, op, env_, now_);
      EXPECT_TRUE(op.state != State::OPERATION_STATE_RUNNING || op.checkpoint != operation_.checkpoint)
          << "without progress at " << op.checkpoint << ": the runner counts it as a failure";
      return op;
    });
    store::Import import = Now();
    if (operation_.failure) import.failure = operation_.failure->message;
    return import;
  }
  store::Import Finished() {
    store::Import op = Now();
    for (int steps = 0; steps < 20 && operation_.state == State::OPERATION_STATE_RUNNING; ++steps) op = ProcessOnce();
    EXPECT_EQ(operation_.state, State::OPERATION_STATE_DONE) << op.failure;
    return op;
  }
  store::Import Require(const std::string& kind, const std::string& file) {
    Begin(kind, file);
    return Finished();
  }
  // "line: reason" of each row that was refused.
  std::vector<std::string> Refusals() {
    std::vector<std::string> out;
    for (const auto& row : Do([&](Tx& tx) { return store::RefusedAfter(tx, env_, id_, 0, 100); })) out.push_back(row[0] + ": " + row[1]);
    return out;
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
  Engine engine_{"test"};
  std::vector<std::string> taken_;
  std::string id_;
  operations::Operation operation_;
  int begun_ = 0;
};
RENXIN_ON_BOTH_DATABASES(EngineTest);

using Lines = std::vector<std::string>;

TEST_P(EngineTest, L11_a_cell_that_was_cut_is_refused_alone) {
  const std::string wang(kWang);
  const auto op = Require("things", "thing_no,name\n1," + wang + "\n2," + std::string(kZhangCut) + "\n3," + wang + "\n");
  EXPECT_EQ(op.encoding, TextEncoding::kUtf8);
  EXPECT_EQ(taken_, (Lines{"1=" + wang, "3=" + wang}));
  EXPECT_EQ(Refusals(), (Lines{"3: name: not UTF-8"}));
}

TEST_P(EngineTest, L11_spoilt_cells_in_gb18030_are_refused_alone) {
  const std::string gb(kWangGb);
  const auto op = Require("things", "thing_no,name\n1," + gb + "\n2,\xFF\n3," + gb + "\n4," + gb + "\xCD\n5,x\x80\n");
  EXPECT_EQ(op.encoding, TextEncoding::kGb18030);
  EXPECT_EQ(taken_, (Lines{"1=" + std::string(kWang), "3=" + std::string(kWang)}));
  EXPECT_EQ(Refusals(), (Lines{"3: name: not GB18030", "5: name: not GB18030", "6: name: not GB18030"}));
}

// What was counted in the steps before counts at the end.
TEST_P(EngineTest, L11_a_scan_goes_on_with_what_it_counted) {
  const std::string wang(kWang);
  const std::string blank(kScanned, '\n');
  Begin("things", "thing_no,name\n1," + wang + "\n2,\xC3\xA9\n" + blank + "3," + std::string(kZhangCut) + "\n4,\xE5\n");
  const auto under_way = ProcessOnce();
  EXPECT_EQ(under_way.encoding, TextEncoding::kUnknown);
  EXPECT_GE(under_way.scanned, static_cast<std::int64_t>(kScanned));
  EXPECT_EQ(under_way.offset, 0);
  EXPECT_TRUE(under_way.header.empty());
  EXPECT_EQ(under_way.counts.utf8_longer, 2);
  EXPECT_EQ(under_way.counts.utf8_pairs, 1);
  // Two faults against three characters, two of which were seen in the first step.
  const auto op = Finished();
  EXPECT_EQ(op.encoding, TextEncoding::kUtf8);
  EXPECT_EQ(op.counts.utf8_faults, 2);
  EXPECT_EQ(op.counts.utf8_longer, 3);
  EXPECT_EQ(taken_, (Lines{"1=" + wang, "2=\xC3\xA9"}));
  EXPECT_EQ(op.report.refused(), 2);
}

// A replica of the release before reads from read_offset, as UTF-8, and knows nothing of the rest.
TEST_P(EngineTest, L11_what_the_release_before_began_is_read_on) {
  const std::string head = "thing_no,name\n1,a\n";
  const std::string blank(kScanned, '\n');
  Begin("things", head + blank + "2,b\n");
  EXPECT_EQ(ProcessOnce().encoding, TextEncoding::kUnknown);
  const auto read_offset = Do([&](Tx& tx) {
    const auto row = tx.First<std::int64_t>("select read_offset from imports where id = :id", {{"id", id_}});
    tx.Exec("update imports set header = 'thing_no,name', read_offset = :offset, read_line = 3 where id = :id",
            {{"offset", static_cast<std::int64_t>(head.size())}, {"id", id_}});
    return std::get<0>(*row);
  });
  EXPECT_EQ(read_offset, 0);
  const auto op = Finished();
  EXPECT_EQ(op.encoding, TextEncoding::kUtf8);
  EXPECT_EQ(taken_, (Lines{"2=b"}));
  EXPECT_EQ(op.report.read(), 1);
}

TEST_P(EngineTest, L11_a_number_of_400_bytes_is_taken_and_one_of_401_is_refused) {
  for (const std::string kind : {"things", "bills"}) {
    for (const auto& make : {&Digits, &Chinese}) {
      const std::string fits = make(400);
      const auto op =
          Require(kind, "thing_no,name\n" + fits + ",a\n" + make(401) + ",b\n" + make(2'000) + ",c\n" + make(2'001) + ",d\nz,e\n");
      EXPECT_EQ(taken_, (Lines{fits + "=a", "z=e"})) << kind;
      const std::string reason = "thing_no: " + std::string(kLong);
      EXPECT_EQ(Refusals(), (Lines{"3: " + reason, "4: " + reason, "5: " + reason})) << kind;
      EXPECT_EQ(op.report.read(), 5);
      EXPECT_EQ(op.report.refused(), 3);
    }
  }
}

// Bytes as they are kept: two of GB18030 become three.
TEST_P(EngineTest, L11_the_length_of_a_number_is_that_of_its_utf8) {
  std::string gb;
  for (int i = 0; i < 134; ++i) gb += "\xB6\xAB";  // 东
  Require("bills", "thing_no,name\n" + gb.substr(2) + "\x41," + std::string(kWangGb) + "\n" + gb + ",b\n");
  EXPECT_EQ(taken_, (Lines{Chinese(399) + "A=" + std::string(kWang)}));
  EXPECT_EQ(Refusals(), (Lines{"3: thing_no: " + std::string(kLong)}));
}

TEST_P(EngineTest, L11_numbers_of_several_columns_are_measured_together) {
  const std::string fits = Digits(200) + "|" + Chinese(199);
  Require("moves",
          "thing_no,name\n" + Digits(200) + "," + Chinese(199) + "\n" + Digits(200) + "," + Chinese(200) + "\n" + Digits(401) + ",c\n");
  EXPECT_EQ(taken_, (Lines{fits + "=" + Chinese(199)}));
  EXPECT_EQ(Refusals(), (Lines{"3: thing_no and name: together " + std::string(kLong), "4: thing_no: " + std::string(kLong)}));
}

TEST_P(EngineTest, L11_a_ragged_row_with_too_long_a_number_is_refused_as_a_row) {
  for (const auto& make : {&Digits, &Chinese}) {
    const std::string fits = make(400);
    const auto op =
        Require("bills", "thing_no,name,owner_no\n" + make(401) + ",a\n" + make(2'001) + "\n" + fits + ",b\n" + fits + ",c,\nz,d,\n");
    EXPECT_EQ(taken_, (Lines{"z=d"}));
    const std::string reason = "thing_no: " + std::string(kLong) + "; ragged row: ";
    const std::string whole = "line 4: ragged row: 2 cells, the header has 3";
    EXPECT_EQ(Refusals(), (Lines{"2: " + reason + "2 cells, the header has 3", "3: " + reason + "1 cells, the header has 3", "4: " + whole,
                                 "5: " + whole}));
    EXPECT_EQ(op.report.read(), 4);
  }
}

// It would be waited for, or come into being, under a key that no index takes.
TEST_P(EngineTest, L11_the_number_of_another_record_is_measured_too) {
  for (const std::string kind : {"things", "bills"}) {
    Require(kind,
            "thing_no,name,owner_no\n1,a," + Digits(400) + "\n2,b," + Digits(401) + "\n3," + Chinese(401) + "," + Chinese(401) + "\n");
    EXPECT_EQ(taken_, (Lines{"1=a"})) << kind;
    const std::string reason = "owner_no: " + std::string(kLong);
    EXPECT_EQ(Refusals(),
              kind == "bills" ? (Lines{"3: line 3: " + reason, "4: line 4: " + reason}) : (Lines{"3: " + reason, "4: " + reason}));
  }
}

// What it needs next arrives while it is looked at, from another session, which does not see yet that it is needed.
TEST_P(EngineTest, L11_a_row_that_waits_for_something_else_now_finds_what_came_at_that_moment) {
  Do([](Tx& tx) {
    tx.Exec("create table there (name text)");
    return true;
  });
  const auto there = [](Tx& tx, std::string_view name) {
    return tx.First<std::string>("select name from there where name = :name", {{"name", name}}).has_value();
  };
  const auto arrives = [this](db::Session& session, std::string_view kind) {
    Tx tx(session, false);
    tx.Exec("insert into there (name) values (:name)", {{"name", kind}});
    engine_.Arrived(tx, id_, kind, {"n1"}, now_);
    tx.Commit();
  };
  db::Session other(url());
  // SQLite has one writer: there it can only come before or after.
  std::function<void()> meanwhile = db::IsSqlite(url()) ? std::function<void()>([] {}) : [&] { arrives(other, "pledges"); };
  const auto apply = [&](Tx& tx, Batch&, const std::vector<Record>& records) {
    if (!there(tx, "owners")) return std::vector<Outcome>(records.size(), Outcome::Waiting("owner_no", "owners", "n1"));
    if (there(tx, "pledges")) return std::vector<Outcome>(records.size(), Outcome::Created("t-1"));
    std::exchange(meanwhile, [] {})();
    return std::vector<Outcome>(records.size(), Outcome::Waiting("name", "pledges", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  const auto retry = [&] {
    Do([&](Tx& tx) {
      RetryWaiting(tx, engine_, {.now = now_, .key = "loans/" + id_, .env = env_});
      return true;
    });
  };
  const auto waiting = [&] { return Do([](Tx& tx) { return store::CountWaiting(tx); }); };
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  EXPECT_EQ(waiting(), 1);
  arrives(session(), "owners");
  retry();
  EXPECT_EQ(waiting(), 1);
  if (db::IsSqlite(url())) arrives(session(), "pledges");
  now_ = now_.Plus(std::chrono::minutes(1));
  retry();
  EXPECT_EQ(waiting(), 0);
}

// The source is closed while what a row waited for has just come and the row is being applied: it is one or the other.
TEST_P(EngineTest, L11_a_waiting_row_is_not_both_taken_and_refused_when_its_source_is_closed) {
  bool there = false;
  const auto apply = [&](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), there ? Outcome::Created("t-1") : Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  there = true;
  now_ = now_.Plus(std::chrono::minutes(1));
  renxin::testing::Race(
      url(), "from waiting_rows", [&](Tx& tx) { CloseWaiting(tx, engine_, env_, "loans", id_, {}, now_, store::Busy::kWaited); },
      [&](Tx& tx) { RetryWaiting(tx, engine_, {.now = now_, .key = "loans/" + id_, .env = env_}); });
  const auto op = Do([&](Tx& tx) { return *store::Load(tx, id_, false); });
  EXPECT_EQ(op.report.waiting(), 0);
  EXPECT_EQ(op.report.created() + op.report.refused(), 1);
}

// A slice holds its import and schedules the timer of rows that wait; the timer holds itself and counts in that import. On two replicas
// each would wait for the other.
TEST_P(EngineTest, the_timer_of_waiting_rows_does_not_wait_for_an_import_that_is_held) {
  const auto apply = [](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  now_ = now_.Plus(std::chrono::minutes(1));
  const std::string key = "loans/" + id_;
  const auto raced = renxin::testing::Race(
      url(), "from imports",
      [&](Tx& tx) {
        auto op = *store::Load(tx, id_, true);
        Record record{.no = "2", .rows = {{.line = 3, .cells = {"2", "n2", "n1"}}}, .target_id = ""};
        ApplyRecords(tx, engine_, *engine_.Find("loans"), op, {record}, env_, now_);
        store::Save(tx, op);
      },
      [&](Tx& tx) {
        // As the loop of timers does it.
        tx.Exec("delete from timers where kind = 'import.retry' and key = :key", {{"key", key}});
        RetryWaiting(tx, engine_, {.now = now_, .key = key, .env = env_});
      });
  EXPECT_FALSE(raced.second_waited);
  EXPECT_EQ(raced.first_runs, 1);
  EXPECT_EQ(raced.second_runs, 1);
  // It comes back for what it left.
  EXPECT_EQ(Do([&](Tx& tx) { return tx.Select<std::int64_t>("select due_at from timers where key = :key", {{"key", key}}).size(); }), 2);
}

// The same record comes in another file while the row that waits is applied.
TEST_P(EngineTest, L11_a_waiting_row_that_is_taken_meanwhile_is_not_taken_back) {
  bool there = false;
  const auto apply = [&](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), there ? Outcome::Created("t-1") : Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  there = true;
  now_ = now_.Plus(std::chrono::minutes(1));
  store::Import again{.id = "again", .kind = "loans", .source = id_};
  Do([&](Tx& tx) {
    store::Insert(tx, again);
    return true;
  });
  renxin::testing::Race(
      url(), "select operation_id from waiting_rows",
      [&](Tx& tx) {
        auto op = *store::Load(tx, again.id, true);
        Record record{.no = "1", .rows = {{.line = 2, .cells = {"1", "n2", "n1"}}}, .target_id = ""};
        ApplyRecords(tx, engine_, *engine_.Find("loans"), op, {record}, env_, now_);
        store::Save(tx, op);
      },
      [&](Tx& tx) { RetryWaiting(tx, engine_, {.now = now_, .key = "loans/" + id_, .env = env_}); });
  const auto first = Do([&](Tx& tx) { return *store::Load(tx, id_, false); });
  EXPECT_EQ(first.report.waiting(), 0);
  EXPECT_EQ(first.report.created() + first.report.unchanged(), 1);
}

// A step holds its operation and wakes rows; what retries them holds the rows and counts them in their operation.
TEST_P(EngineTest, L11_a_step_that_wakes_rows_and_their_retry_do_not_wait_for_each_other) {
  const auto apply = [](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), Outcome::Refused("owner_no", "no"));
  };
  const auto waits = [](Tx&, Batch&, const std::vector<Record>& records) {
    return std::vector<Outcome>(records.size(), Outcome::Waiting("owner_no", "owners", "n1"));
  };
  engine_.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = waits});
  Require("loans", "thing_no,name,owner_no\n1,n1,n1\n");
  now_ = now_.Plus(std::chrono::minutes(1));
  Engine refusing("test");
  refusing.Add({.kind = "loans", .columns = {{"thing_no", true}, {"name"}, {"owner_no"}}, .number = "thing_no", .apply = apply});
  const auto raced = renxin::testing::Race(
      url(), "from waiting_rows", [&](Tx& tx) { RetryWaiting(tx, refusing, {.now = now_, .key = "loans/" + id_, .env = env_}); },
      [&](Tx& tx) {
        auto op = *store::Load(tx, id_, true);
        engine_.Arrived(tx, id_, "owners", {"n1"}, now_);
        store::Save(tx, op);
      });
  EXPECT_EQ(raced.first_runs, 1);
  EXPECT_EQ(raced.second_runs, 1);
  EXPECT_EQ(Do([&](Tx& tx) { return store::Load(tx, id_, false)->report.refused(); }), 1);
}

// A piece that arrives while its import is cancelled: it is there before the cancel, which deletes it, or it is refused.
TEST_P(EngineTest, no_piece_of_an_upload_stays_behind_its_cancel) {
  const auto begin = [&] {
    return Do([&](Tx& tx) {
      return operations::Insert(tx, {.service = "test", .type = kImportType, .state = State::OPERATION_STATE_RECEIVING}, "clerk", now_).id;
    });
  };
  const auto upload = [&](Tx& tx, const std::string& id) {
    common::v1::Chunk piece;
    piece.set_upload_id(id);
    piece.set_data("thing_no,name\n");
    piece.set_sha256(privacy::Sha256(piece.data()));
    const CallContext ctx{.now = now_, .caller = {"a", "", "clerk", {}}, .scope = {.all = true, .staff_ids = {}}, .env = env_};
    return UploadChunk(tx, ctx, piece);
  };
  const auto cancel = [&](Tx& tx, const std::string& id) {
    operations::RequestCancel(tx, id, now_);
    auto op = *operations::Load(tx, id, true);
    while (store::DropSome(tx, id)) {
    }
    op.state = State::OPERATION_STATE_CANCELLED;
    operations::Save(tx, op, now_, now_);
  };
  const auto pieces = [&](const std::string& id) { return Do([&](Tx& tx) { return store::ReceivedBytes(tx, id); }); };

  const std::string before = begin();
  const auto raced = renxin::testing::Race(
      url(), "from operations", [&](Tx& tx) { EXPECT_TRUE(upload(tx, before)); }, [&](Tx& tx) { cancel(tx, before); });
  EXPECT_EQ(raced.second_waited, GetParam() == "postgres");
  EXPECT_EQ(pieces(before), 0);

  const std::string after = begin();
  Do([&](Tx& tx) { operations::RequestCancel(tx, after, now_); });
  EXPECT_EQ(Do([&](Tx& tx) { return upload(tx, after); }).error().reason, Reason::kWrongState);
  Do([&](Tx& tx) { cancel(tx, after); });
  EXPECT_EQ(Do([&](Tx& tx) { return upload(tx, after); }).error().reason, Reason::kWrongState);
  EXPECT_EQ(pieces(after), 0);
}

}  // namespace
}  // namespace renxin::intake
