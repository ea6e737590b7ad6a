#include "shared/intake/engine.h"

#include <functional>
#include <utility>

#include "renxin/common/v1/common.pb.h"
#include "shared/intake/engine_test.h"
#include "shared/testing/race.h"

namespace renxin::intake {
using operations::State;
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

// L11: a step that fails again and again takes its records one by one; the culprit is refused and the others go on.
TEST_P(EngineTest, L11_a_record_that_cannot_be_stored_is_refused_alone) {
  const auto apply = [this](Tx& tx, Batch&, const std::vector<Record>& records) {
    std::vector<Outcome> outcomes;
    for (const Record& record : records) {
      const std::string& name = record.rows.front().cells[1];
      tx.Exec("insert into import_records (operation_id, first_line, record_no) values ('kept', 1, :no)", {{"no", record.no}});
      if (name == "throws") throw std::runtime_error("not today");
      // Breaks the table's key.
      if (name == "breaks")
        tx.Exec("insert into import_records (operation_id, first_line, record_no) values ('kept', 1, :no)", {{"no", record.no}});
      outcomes.push_back(Outcome::Created(record.no));
    }
    return outcomes;
  };
  engine_.Add({.kind = "fragile", .columns = {{"thing_no", true}, {"name"}}, .number = "thing_no", .apply = apply});
  Begin("fragile", "thing_no,name\n1,a\n2,throws\n3,b\n4,breaks\n5,c\n");
  EXPECT_THROW(ProcessOnce(), std::exception);
  operation_.attempts = 3;
  const auto op = Finished();
  EXPECT_EQ(op.report.read(), 5);
  EXPECT_EQ(op.report.created(), 3);
  EXPECT_EQ(op.report.refused(), 2);
  EXPECT_EQ(Refusals(),
            (Lines{"3: it cannot be stored; the operator's log says why", "5: it cannot be stored; the operator's log says why"}));
  std::string kept;
  Do([&](Tx& tx) {
    for (const auto& [no] :
         tx.Select<std::string>("select record_no from import_records where operation_id = 'kept' order by record_no limit 9"))
      kept += no;
  });
  EXPECT_EQ(kept, "135") << "nothing of what failed stands";
}

TEST_P(EngineTest, L11_a_record_with_too_many_rows_is_refused_and_the_others_stand) {
  std::string file = "thing_no,name\n";
  for (int i = 0; i < 205; ++i) file += "1,r" + std::to_string(i) + "\n";
  for (int i = 0; i < 200; ++i) file += "2,r" + std::to_string(i) + "\n";
  const auto op = Require("bills", file);
  EXPECT_EQ(taken_, (Lines{"2=r0"}));
  EXPECT_EQ(op.report.created(), 1);
  // The record with 201 of its rows, and each row beyond.
  EXPECT_EQ(op.report.refused(), 5);
  EXPECT_EQ(op.report.read(), 6);
  EXPECT_EQ(Do([&](Tx& tx) { return store::RefusedAfter(tx, env_, id_, 0, 300); }).size(), 205);
  EXPECT_EQ(Refusals().front(), "2: a record has at most 200 rows");
}

}  // namespace
}  // namespace renxin::intake
