#include "shared/db/rows.h"

#include <gmock/gmock.h>

#include "shared/testing/databases.h"

namespace renxin::db {
namespace {

using ::testing::ElementsAre;

enum class Colour : std::uint8_t { kNone = 0, kRed = 1, kBlue = 2 };
struct Paint {
  std::string maker;
};
struct Thing {
  std::string id;
  std::int64_t count = 0;
  int small = 0;
  bool sold = false;
  Colour colour = Colour::kNone;
  Instant at;
  Day day;
  Month month;
  std::optional<Instant> ended;
  std::optional<Day> until;
  std::optional<std::string> note;
  Paint paint;
};
const Rows<Thing> kThings("things", {{"id", &Thing::id},
                                     {"amount", &Thing::count},
                                     {"small", &Thing::small},
                                     {"sold", &Thing::sold},
                                     {"colour", &Thing::colour},
                                     {"made_at", &Thing::at},
                                     {"made_on", &Thing::day},
                                     {"made_in", &Thing::month},
                                     {"ended_at", &Thing::ended},
                                     {"until_day", &Thing::until},
                                     {"note", &Thing::note},
                                     {"maker", &Thing::paint, &Paint::maker}});

class RowsTest : public renxin::testing::OnServiceTables {
 protected:
  RowsTest() : OnServiceTables({}) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([](Tx& tx) {
      tx.Exec(
          "create table things (maker text, note text, until_day text, ended_at bigint, made_in text, made_on text, made_at bigint, colour "
          "smallint, sold smallint, small smallint, amount bigint, id text primary key)");
      tx.Exec(
          "insert into things (id, amount, small, sold, colour, made_at, made_on, made_in, ended_at, until_day, note, maker) values "
          "('a', 5000000000, -7, 1, 2, 12, '2026-02-28', '2026-03', 13, '2026-04-30', '', 'me')");
      tx.Exec("insert into things (id) values ('b')");
    });
  }
  static std::vector<std::string> Ids(const std::vector<Thing>& things) {
    std::vector<std::string> ids;
    ids.reserve(things.size());
    for (const Thing& thing : things) ids.push_back(thing.id);
    return ids;
  }
};
RENXIN_ON_BOTH_DATABASES(RowsTest);

TEST_P(RowsTest, each_column_fills_its_own_member_in_whatever_order_the_table_has_them) {
  const auto thing = Do([](Tx& tx) { return kThings.First(tx, "where id = :id", {{"id", "a"}}); });
  ASSERT_TRUE(thing);
  EXPECT_EQ(thing->id, "a");
  EXPECT_EQ(thing->count, 5'000'000'000);
  EXPECT_EQ(thing->small, -7);
  EXPECT_TRUE(thing->sold);
  EXPECT_EQ(thing->colour, Colour::kBlue);
  EXPECT_EQ(thing->at, Instant{12});
  EXPECT_EQ(FormatDay(thing->day), "2026-02-28");
  EXPECT_EQ(FormatMonth(thing->month), "2026-03");
  EXPECT_EQ(thing->ended, Instant{13});
  EXPECT_EQ(thing->until, *ParseDay("2026-04-30"));
  EXPECT_EQ(thing->note, "") << "empty is not NULL";
  EXPECT_EQ(thing->paint.maker, "me");
}

TEST_P(RowsTest, what_is_null_is_left_as_it_was_made) {
  const auto thing = Do([](Tx& tx) { return kThings.First(tx, "where id = 'b'"); });
  ASSERT_TRUE(thing);
  EXPECT_EQ(thing->count, 0);
  EXPECT_FALSE(thing->sold);
  EXPECT_EQ(thing->colour, Colour::kNone);
  EXPECT_EQ(thing->ended, std::nullopt);
  EXPECT_EQ(thing->until, std::nullopt);
  EXPECT_EQ(thing->note, std::nullopt);
}

TEST_P(RowsTest, a_row_that_cannot_be_read_is_left_out_alone) {
  Do([](Tx& tx) { tx.Exec("update things set until_day = '2026-02-30' where id = 'a'"); });
  EXPECT_THAT(Ids(Do([](Tx& tx) { return kThings.Select(tx, "order by id limit 10"); })), ElementsAre("b"));
}

TEST_P(RowsTest, keys_are_asked_for_once_each_and_held_in_their_order) {
  Do([](Tx& tx) {
    EXPECT_THAT(Ids(kThings.SelectIn(tx, "where id in (:keys) order by id", {"b", "a", "b", "none"})), ElementsAre("a", "b"));
    EXPECT_THAT(Ids(kThings.LoadForUpdate(tx, "where id in (:keys)", "id", {"b", "a", "b"})), ElementsAre("a", "b"));
    EXPECT_FALSE(kThings.First(tx, "where id = 'none'"));
  });
}

}  // namespace
}  // namespace renxin::db
