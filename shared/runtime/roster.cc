#include "shared/runtime/roster.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "renxin/identity/v1/identity_events.pb.h"
#include "shared/core/text.h"
#include "shared/db/rows.h"
#include "shared/runtime/scope.h"

namespace renxin::runtime {
namespace {

const db::UpsertSpec kRoster{.table = "roster",
                             .columns = {"staff_id", "source", "staff_no", "version", "job", "joined_on", "left_on", "periods"}};

const db::InsertSpec kPeriods{.table = "roster_periods",
                              .columns = {"staff_id", "from_day", "until_day", "source", "group_no", "supervisor_no"}};
const db::InsertSpec kStamp{.table = "roster_stamp",
                            .columns = {"one", "stamp"},
                            .suffix = "on conflict (one) do update set stamp = excluded.stamp",
                            .key_columns = 1};
constexpr std::size_t kPage = 500;

struct Stored : RosterEntry {
  std::string body;
};
const db::Rows<Stored> kEntries("roster", {{"staff_id", &RosterEntry::staff_id},
                                           {"source", &RosterEntry::source},
                                           {"staff_no", &RosterEntry::staff_no},
                                           {"job", &RosterEntry::job},
                                           {"periods", &Stored::body}});

std::vector<RosterEntry> SelectEntries(Tx& tx, const std::string& where, const db::Binds& binds) {
  std::vector<RosterEntry> out;
  for (Stored& entry : kEntries.Select(tx, where, binds)) {
    auto snapshot = db::ReadBody<identity::v1::StaffChanged>("roster", entry.staff_id, entry.body);
    entry.readable = snapshot.has_value();
    entry.snapshot = std::make_shared<const identity::v1::StaffChanged>(std::move(snapshot).value_or(identity::v1::StaffChanged()));
    out.push_back(std::move(entry));
  }
  return out;
}

struct StoredPeriod : Roster::Period {
  std::string staff_id;
};
const db::Rows<StoredPeriod> kPeriodRows("roster_periods", {{"staff_id", &StoredPeriod::staff_id},
                                                            {"from_day", &Roster::Period::from},
                                                            {"until_day", &Roster::Period::until},
                                                            {"group_no", &Roster::Period::group_no},
                                                            {"supervisor_no", &Roster::Period::supervisor_no}});

// Periods as PeriodOn reads them: of two that have begun the later in the list holds, whatever its day.
std::vector<Roster::Period> PeriodsOf(const identity::v1::StaffChanged& staff) {
  std::vector<Roster::Period> out;
  std::string until;
  for (int i = staff.periods_size(); i-- > 0;) {
    const auto& period = staff.periods(i);
    if (!until.empty() && period.from() >= until) continue;
    out.push_back({period.from(), until, period.group_no(), period.supervisor_no()});
    until = period.from();
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::string StampOf(Tx& tx) {
  const auto row = tx.First<std::string>("select stamp from roster_stamp where one = 1");
  return row ? std::get<0>(*row) : std::string();
}

std::map<std::string, std::vector<Roster::Period>> LoadPeriods(Tx& tx, const std::vector<std::string>& staff_ids) {
  std::map<std::string, std::vector<Roster::Period>> out;
  for (StoredPeriod& period : kPeriodRows.SelectIn(tx, "where staff_id in (:keys) order by from_day", staff_ids)) {
    out[period.staff_id].push_back(std::move(period));
  }
  return out;
}

std::vector<Roster::Member> LoadMembers(Tx& tx) {
  std::vector<Roster::Member> members;
  for (std::string after;;) {
    const auto page = tx.Select<std::string, std::string, std::string>(
        "select staff_id, source, staff_no from roster where staff_id > :after order by staff_id limit " + std::to_string(kPage),
        {{"after", after}});
    std::vector<std::string> ids;
    ids.reserve(page.size());
    for (const auto& [id, source, no] : page) ids.push_back(id);
    std::map<std::string, std::vector<Roster::Period>> periods = LoadPeriods(tx, ids);
    for (const auto& [id, source, no] : page) members.push_back({id, source, no, std::move(periods[id])});
    if (page.size() < kPage) return members;
    after = ids.back();
  }
}

// The roster that was read last, for all threads. A stamp is random: it is never that of another state, of a state that was
// rolled back, or of another database.
class RosterCache {
 public:
  std::shared_ptr<const Roster> Find(const std::string& stamp) {
    const std::scoped_lock lock(mutex_);
    return stamp == stamp_ ? roster_ : nullptr;
  }
  void Store(const std::string& stamp, std::shared_ptr<const Roster> roster) {
    const std::scoped_lock lock(mutex_);
    stamp_ = stamp;
    roster_ = std::move(roster);
  }

 private:
  std::mutex mutex_;
  std::string stamp_;
  std::shared_ptr<const Roster> roster_;
};

RosterCache& Cache() {
  static RosterCache cache;
  return cache;
}

}  // namespace

const Roster::Period* Roster::Member::On(Day day) const {
  const std::string text = FormatDay(day);
  for (const Period& period : periods) {
    if (period.from <= text && (period.until.empty() || text < period.until)) return &period;
  }
  return nullptr;
}

Roster::Roster(std::vector<Member> members) : members_(std::move(members)) {
  const auto add = [](std::vector<const Member*>* to, const Member& member) {
    if (to->empty() || to->back() != &member) to->push_back(&member);
  };
  for (const Member& member : members_) {
    by_number_[{member.source, member.staff_no}] = &member;
    for (const Period& period : member.periods) {
      if (!period.group_no.empty()) add(&by_group_[{member.source, period.group_no}], member);
      if (!period.supervisor_no.empty()) add(&by_supervisor_[{member.source, period.supervisor_no}], member);
    }
  }
}

std::shared_ptr<const Roster> Roster::Of(Tx& tx) {
  // Outside a snapshot somebody may change the roster between the two statements: then it is read again, at last for this
  // transaction alone.
  constexpr int kAttempts = 3;
  std::shared_ptr<const Roster> roster;
  std::string stamp = StampOf(tx);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto known = Cache().Find(stamp)) return known;
    roster = std::make_shared<const Roster>(LoadMembers(tx));
    const std::string after = StampOf(tx);
    if (after == stamp) {
      if (!stamp.empty()) Cache().Store(stamp, roster);
      return roster;
    }
    stamp = after;
  }
  return roster;
}

const Roster::Member* Roster::ById(std::string_view staff_id) const {
  const auto found = std::lower_bound(members_.begin(), members_.end(), staff_id,
                                      [](const Member& member, std::string_view id) { return member.staff_id < id; });
  return found != members_.end() && found->staff_id == staff_id ? &*found : nullptr;
}

const Roster::Member* Roster::ByNumber(std::string_view source, std::string_view staff_no) const {
  const auto found = by_number_.find({std::string(source), std::string(staff_no)});
  return found == by_number_.end() ? nullptr : found->second;
}

bool Roster::InGroupOf(std::string_view viewer, std::string_view staff_id, Day day) const {
  const Member* who = ById(viewer);
  const Member* whom = ById(staff_id);
  if (who == nullptr || whom == nullptr || who->source != whom->source) return false;
  const Period* theirs = whom->On(day);
  if (theirs == nullptr) return false;
  if (theirs->supervisor_no == who->staff_no) return true;
  const Period* own = who->On(day);
  return own != nullptr && !own->group_no.empty() && own->group_no == theirs->group_no;
}

std::vector<std::string> Roster::InGroup(const Member& of, const Period* own, Day day) const {
  std::vector<std::string> out;
  if (own == nullptr || own->group_no.empty()) return out;
  for (const Member* member : by_group_.at({of.source, own->group_no})) {
    const Period* period = member->On(day);
    if (period != nullptr && period->group_no == own->group_no) out.push_back(member->staff_id);
  }
  return out;
}

std::vector<std::string> Roster::GroupOf(std::string_view viewer, Day day) const {
  const Member* who = ById(viewer);
  if (who == nullptr) return {};
  std::vector<std::string> out = InGroup(*who, who->On(day), day);
  if (const auto led = by_supervisor_.find({who->source, who->staff_no}); led != by_supervisor_.end()) {
    for (const Member* member : led->second) {
      const Period* period = member->On(day);
      if (period != nullptr && period->supervisor_no == who->staff_no) out.push_back(member->staff_id);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::string> Roster::ViewersOf(std::string_view staff_id, Day day) const {
  const Member* whom = ById(staff_id);
  const Period* period = whom == nullptr ? nullptr : whom->On(day);
  if (period == nullptr) return {};
  std::vector<std::string> out = InGroup(*whom, period, day);
  const Member* supervisor = period->supervisor_no.empty() ? nullptr : ByNumber(whom->source, period->supervisor_no);
  if (supervisor != nullptr && !std::binary_search(out.begin(), out.end(), supervisor->staff_id)) out.push_back(supervisor->staff_id);
  return out;
}

Status OnStaffChanged(Tx& tx, const EventContext& /*ctx*/, const identity::v1::StaffChanged& event) {
  if (event.staff_id().empty() || event.staff_no().empty()) {
    return Error{Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: staff_changed without staff"};
  }
  // The stamp first: of two transactions that change the roster one waits here, holding no row of it yet.
  tx.Stage(kStamp, {1, NewId()});
  const bool stands = tx.UpsertNow(kRoster, {event.staff_id(), event.source(), event.staff_no(), event.version(), event.job(),
                                             event.joined_on(), db::TextOrNull(event.left_on()), ToBase64(event.SerializeAsString())});
  if (!stands) return Ok{};
  tx.Exec("delete from roster_periods where staff_id = :id", {{"id", event.staff_id()}});
  for (const Roster::Period& period : PeriodsOf(event)) {
    tx.Stage(kPeriods, {event.staff_id(), period.from, db::TextOrNull(period.until), event.source(), db::TextOrNull(period.group_no),
                        db::TextOrNull(period.supervisor_no)});
  }
  return Ok{};
}

NamedCheck RosterCheck() {
  return {"roster", [](Tx& tx, const DoctorContext& /*ctx*/, const std::string& after, int limit) {
            const auto stored = tx.Select<std::string, std::string>(
                "select staff_id, periods from roster where staff_id > :after order by staff_id limit " + std::to_string(limit),
                {{"after", after}});
            std::vector<std::string> ids;
            ids.reserve(stored.size());
            for (const auto& [id, periods] : stored) ids.push_back(id);
            std::map<std::string, std::vector<Roster::Period>> joined = LoadPeriods(tx, ids);
            std::vector<CheckedRow> rows;
            for (const auto& [id, periods] : stored) {
              CheckedRow& row = rows.emplace_back(CheckedRow{.record = "roster", .id = id});
              identity::v1::StaffChanged snapshot;
              if (!db::ParseBody(periods, &snapshot)) {
                row.Add("P1", "periods: cannot be read");
              } else if (joined[id] != PeriodsOf(snapshot)) {
                row.Add("P1", "roster_periods: are not those of the snapshot");
              }
            }
            return rows;
          }};
}

const identity::v1::StaffPeriod* PeriodOn(const identity::v1::StaffChanged& staff, Day day) {
  const std::string text = FormatDay(day);
  const identity::v1::StaffPeriod* found = nullptr;
  for (const auto& period : staff.periods()) {
    if (period.from() <= text) found = &period;
  }
  return found;
}

std::vector<std::string> GroupOf(Tx& tx, std::string_view staff_id, Day day) { return Roster::Of(tx)->GroupOf(staff_id, day); }

std::vector<std::pair<std::string, std::string>> StaffByNumber(Tx& tx, std::string_view source, const std::vector<std::string>& numbers) {
  const std::shared_ptr<const Roster> roster = Roster::Of(tx);
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& no : std::set<std::string>(numbers.begin(), numbers.end())) {
    if (const Roster::Member* member = roster->ByNumber(source, no)) out.emplace_back(no, member->staff_id);
  }
  return out;
}

std::optional<RosterEntry> StaffById(Tx& tx, std::string_view staff_id) {
  auto rows = SelectEntries(tx, "where staff_id = :id", {{"id", staff_id}});
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::vector<RosterEntry> ListRoster(Tx& tx, const Scope& scope, std::string_view source, std::string_view after, int limit) {
  db::Binds binds{{"any", source.empty() ? 1 : 0}, {"source", source}, {"after", after}};
  const std::string seen = ScopeClause(scope, "staff_id", &binds);
  return SelectEntries(
      tx, "where (:any = 1 or source = :source) and staff_id > :after and " + seen + " order by staff_id limit " + std::to_string(limit),
      binds);
}

}  // namespace renxin::runtime
