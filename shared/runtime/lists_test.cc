// The lists that every service answers, page by page on both databases.

#include "shared/core/text.h"
#include "shared/runtime/dead_letters.h"
#include "shared/runtime/history.h"
#include "shared/testing/databases.h"
#include "shared/testing/pages.h"

namespace renxin::runtime {
namespace {

using Names = std::vector<std::string>;

class ListsTest : public testing::OnServiceTables {
 protected:
  ListsTest() : OnServiceTables({}) {}
  std::string DeadLetter(Tx& tx, const std::string& consumer, std::int64_t at, bool open = true) {
    const std::string id = NewId();
    tx.Exec(
        "insert into dead_letters (id, consumer, event_id, subject, reason, attempts, message, created_at, replayed_at) values (:id, "
        ":consumer, :event, 's', 'r', 1, 'm', :at, :replayed)",
        {{"id", id}, {"consumer", consumer}, {"event", id}, {"at", at}, {"replayed", open ? db::Value() : db::Value(at)}});
    return id;
  }
  Result<ops::v1::ListDeadLettersResponse> List(const ops::v1::ListDeadLettersRequest& req) {
    Tx tx(session(), true);
    return ListDeadLetters(tx, env_, req);
  }
  static Names Ids(const ops::v1::ListDeadLettersResponse& page) {
    Names ids;
    for (const auto& entry : page.dead_letters()) ids.push_back(entry.id());
    return ids;
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
};
RENXIN_ON_BOTH_DATABASES(ListsTest);

TEST_P(ListsTest, Dead_letters_go_newest_first_also_those_of_one_moment) {
  std::string oldest;
  std::string newest;
  std::string resolved;
  Do([&](Tx& tx) {
    oldest = DeadLetter(tx, "a", 1);
    for (int i = 0; i < 3; ++i) DeadLetter(tx, "a", 2);
    resolved = DeadLetter(tx, "b", 2, false);
    newest = DeadLetter(tx, "b", 3);
  });
  const auto list = [&](const ops::v1::ListDeadLettersRequest& req) { return List(req); };
  ops::v1::ListDeadLettersRequest req;
  testing::ExpectPages(req, list, Ids);
  const Names open = Ids(*List(req));
  ASSERT_EQ(open.size(), 5U);
  EXPECT_EQ(open.front(), newest);
  EXPECT_EQ(open.back(), oldest);
  req.set_all(true);
  testing::ExpectPages(req, list, Ids);
  EXPECT_EQ(Ids(*List(req)).size(), 6U);
  req.set_consumer("b");
  EXPECT_EQ(Ids(*List(req)), (Names{newest, resolved}));
}

TEST_P(ListsTest, G5_a_history_goes_oldest_first) {
  Do([&](Tx& tx) {
    for (const char* to : {"new", "called", "booked", "won"}) db::AppendHistory(tx, {"lead", "l1", {1}, "anna", "", to, ""});
    db::AppendHistory(tx, {"lead", "l2", {1}, "anna", "", "new", ""});
  });
  const auto read = [&](const ops::v1::GetHistoryRequest& req) -> Result<ops::v1::History> {
    Tx tx(session(), true);
    ops::v1::History out;
    RETURN_IF_ERROR(ReadHistory(tx, env_, "lead", "l1", req, &out));
    return out;
  };
  const auto states = [](const ops::v1::History& page) {
    Names names;
    for (const auto& entry : page.entries()) names.push_back(entry.to());
    return names;
  };
  testing::ExpectPages(ops::v1::GetHistoryRequest(), read, states);
  EXPECT_EQ(states(*read({})), (Names{"new", "called", "booked", "won"}));
}

}  // namespace
}  // namespace renxin::runtime
