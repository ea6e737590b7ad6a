#include "services/referrals/doctor/store.h"

#include <map>

#include "services/referrals/recognitions/store.h"
#include "shared/db/rows.h"
#include "shared/runtime/roster.h"

namespace renxin::referrals::doctor {
namespace {

using recognitions::Share;
using runtime::CheckedRow;
using runtime::DoctorContext;

// As text: a day that cannot be read fails its own row alone.
struct StoredShare {
  std::string id;
  std::string customer_id;
  std::string from;
  std::string until;
  std::int64_t share_bp = 0;
  recognitions::Kind kind = recognitions::Kind::kImported;
  bool withdrawn = false;

  // What the shares of a customer are added up from.
  bool counts() const { return kind == recognitions::Kind::kImported && !withdrawn; }
};

std::optional<Share> ToShare(const StoredShare& stored) {
  const auto from = ParseDay(stored.from);
  if (!from) return std::nullopt;
  Share share{stored.id, *from, std::nullopt, static_cast<int>(stored.share_bp)};
  if (stored.until.empty()) return share;
  const auto until = ParseDay(stored.until);
  if (!until) return std::nullopt;
  share.until = *until;
  return share;
}

const db::Rows<StoredShare> kShares("recognitions", {{"id", &StoredShare::id},
                                                     {"customer_id", &StoredShare::customer_id},
                                                     {"from_day", &StoredShare::from},
                                                     {"until_day", &StoredShare::until},
                                                     {"share_bp", &StoredShare::share_bp},
                                                     {"kind", &StoredShare::kind},
                                                     {"withdrawn", &StoredShare::withdrawn}});

std::vector<StoredShare> LoadPage(Tx& tx, const std::string& after, int limit) {
  return kShares.Select(tx, "where id > :after order by id limit " + std::to_string(limit), {{"after", after}});
}

std::map<std::string, std::vector<Share>> SharesOf(Tx& tx, const std::vector<StoredShare>& page) {
  std::vector<std::string> customers;
  customers.reserve(page.size());
  for (const StoredShare& stored : page) customers.push_back(stored.customer_id);
  std::map<std::string, std::vector<Share>> shares;
  for (auto& [customer, id, from, until, share] : tx.SelectIn<std::string, std::string, std::string, std::string, std::int64_t>(
           "select customer_id, id, from_day, until_day, share_bp from recognitions where kind = 1 and withdrawn = 0 and customer_id in "
           "(:keys)",
           customers)) {
    if (auto one = ToShare({id, customer, from, until, share})) shares[customer].push_back(std::move(*one));
  }
  return shares;
}

std::vector<CheckedRow> CheckRecognitions(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  const std::vector<StoredShare> page = LoadPage(tx, after, limit);
  const auto shares = SharesOf(tx, page);
  std::vector<CheckedRow> rows;
  for (const StoredShare& stored : page) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "recognition", .id = stored.id});
    const auto share = ToShare(stored);
    if (!share) {
      row.Add("R5", "from, until: cannot be read as days");
      continue;
    }
    row.Expect(recognitions::CheckDays(share->from, share->until, today), "R5");
    if (!stored.counts()) continue;
    if (const auto day = recognitions::FirstOverfull(shares.at(stored.customer_id), *share))
      row.Add("R6", "share_bp: the shares open for this customer on " + FormatDay(*day) + " add up to more than 10000");
  }
  return rows;
}

std::vector<CheckedRow> CheckDeskVisits(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  std::vector<CheckedRow> rows;
  for (auto& [id, arrived_on] : tx.Select<std::string, std::string>(
           "select visit_id, arrived_on from desk_visits where visit_id > :after order by visit_id limit " + std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "desk_visit", .id = id});
    if (const auto day = ParseDay(arrived_on)) {
      row.Expect(CheckHappenedOn("arrived_on", *day, today, EntryPath::kFile), "G7");
    } else {
      row.Add("G3", "arrived_on: cannot be read as a day");
    }
  }
  return rows;
}

}  // namespace

std::vector<runtime::NamedCheck> Checks() {
  return {{"recognitions", &CheckRecognitions}, {"desk_visits", &CheckDeskVisits}, runtime::RosterCheck()};
}

}  // namespace renxin::referrals::doctor
