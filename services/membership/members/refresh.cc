#include "services/membership/members/refresh.h"

#include "renxin/membership/v1/membership_events.pb.h"
#include "renxin/membership/v1/membership_policy.pb.h"
#include "services/membership/complaints/store.h"
#include "services/membership/surveys/store.h"
#include "shared/core/text.h"

namespace renxin::membership::members {
namespace {

constexpr int kReviewAtOnce = 200;

void PublishMember(Tx& tx, const Row& row, Instant now) {
  v1::MemberChanged event;
  event.set_customer_id(row.customer_id);
  if (row.since) event.set_member_since(FormatTime(*row.since));
  event.set_member_class(static_cast<v1::MemberClass>(row.member_class));
  event.set_dispute_open(row.dispute_open);
  event.set_version(row.version);
  db::Publish(tx, {row.customer_id, row.version, now, now}, event);
}

void PublishPoints(Tx& tx, const Row& row, Instant now) {
  v1::PointsChanged event;
  event.set_customer_id(row.customer_id);
  event.set_balance(row.points_balance);
  event.set_debt(row.points_debt);
  event.set_version(row.points_version);
  db::Publish(tx, {row.customer_id, row.points_version, now, now}, event);
}

// The row as the standing says; its version grows when something that is published has changed.
Row Moved(const Row& before, const Standing& standing) {
  Row row = before;
  row.since = standing.since;
  row.source = standing.source;
  row.member_class = standing.member_class;
  row.factor_a = standing.a.met;
  row.factor_b = standing.b.met;
  row.factor_c = standing.c.met;
  row.net_spend = standing.net_spend;
  row.dispute_open = standing.dispute_open;
  const bool changed = row.since != before.since || row.member_class != before.member_class || row.dispute_open != before.dispute_open;
  if (changed) ++row.version;
  return row;
}

Standing StandingOf(const Environment& env, const policy::History& policies, const MemberState& state, Instant now) {
  return Evaluate({ToSettlements(state.facts), state.answers, state.disputes}, policy::ForMembers(policies.On(env.zone.DayOf(now))));
}

// Whether the balance or the debt became another.
bool TakePoints(Tx& tx, Row* row, const points::Account& account, Instant now) {
  const bool had_points = row->points_balance > 0;
  const bool changed = row->points_balance != account.balance || row->points_debt != account.debt;
  if (changed) {
    row->points_balance = account.balance;
    row->points_debt = account.debt;
    ++row->points_version;
  }
  if (const auto next = points::NextExpiry(account)) {
    db::Schedule(tx, kExpiryTimer, row->customer_id, *next);
  } else if (had_points) {
    db::Unschedule(tx, kExpiryTimer, row->customer_id);
  }
  if (changed) PublishPoints(tx, *row, now);
  return changed;
}

}  // namespace

Known Load(Tx& tx, const Environment& env, const policy::History& policies, const std::string& customer_id, Instant now) {
  std::vector<MemberState> states = LoadMemberStates(tx, {Row{.customer_id = customer_id}});
  Standing standing = StandingOf(env, policies, states.front(), now);
  return {std::move(states.front().facts), std::move(standing)};
}

std::vector<MemberState> LoadMemberStates(Tx& tx, std::vector<Row> rows) {
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const Row& row : rows) ids.push_back(row.customer_id);
  auto facts = FactsOf(tx, ids);
  auto answers = surveys::AnswersOf(tx, ids);
  auto disputes = complaints::DisputesOf(tx, ids);
  std::vector<MemberState> out;
  for (Row& row : rows) {
    const std::string id = row.customer_id;
    MemberState& state = out.emplace_back();
    state.row = row;
    state.saved = std::move(row);
    state.facts = std::move(facts[id]);
    state.answers = std::move(answers[id]);
    state.disputes = std::move(disputes[id]);
  }
  return out;
}

void Advance(Tx& tx, const Environment& env, const policy::History& policies, const Cause& cause, Instant now, MemberState* state) {
  const Standing standing = StandingOf(env, policies, *state, now);
  const Row before = std::exchange(state->row, Moved(state->row, standing));
  const Row& row = state->row;
  if (row.member_class != before.member_class) {
    Append(tx, row.customer_id,
           {.seq = 0,
            .at = now,
            .from = before.member_class,
            .to = row.member_class,
            .kind = cause.kind,
            .fact_id = cause.id,
            .factor_a = row.factor_a,
            .factor_b = row.factor_b,
            .factor_c = row.factor_c,
            .net_spend = row.net_spend,
            .reason = standing.class_reason});
  }
  if (row.version != before.version) PublishMember(tx, row, now);
}

void Finish(Tx& tx, const Environment& env, const policy::History& policies, const std::string& by, Instant now,
            std::vector<MemberState>* states) {
  std::vector<std::string> ids;
  for (const MemberState& state : *states) ids.push_back(state.row.customer_id);
  auto stored = points::StoredPointsOf(tx, ids);
  std::vector<Row> changed;
  for (MemberState& state : *states) {
    const std::string& id = state.row.customer_id;
    std::optional<observe::TraceScope> scope;
    if (state.trace != nullptr) scope.emplace(*state.trace);
    TakePoints(tx, &state.row, points::Reconcile(tx, env, policies, state.facts, id, stored[id], {by, now}), now);
    if (!(state.row == state.saved)) changed.push_back(state.row);
  }
  SaveAll(tx, changed);
}

void Refresh(Tx& tx, const Environment& env, Row row, const Cause& cause, Instant now) {
  const policy::History policies(tx);
  std::vector<MemberState> states = LoadMemberStates(tx, {std::move(row)});
  Advance(tx, env, policies, cause, now, &states.front());
  Finish(tx, env, policies, cause.by, now, &states);
}

points::Account RefreshPoints(Tx& tx, const Environment& env, Row* row, const std::string& by, Instant now) {
  const std::string& id = row->customer_id;
  return points::Reconcile(tx, env, policy::History(tx), FactsOf(tx, id), id, points::StoredPointsOf(tx, {id})[id], {by, now});
}

void SavePoints(Tx& tx, Row* row, const points::Account& account, Instant now) {
  if (TakePoints(tx, row, account, now)) Save(tx, *row);
}

void ScheduleReview(Tx& tx, std::int64_t policy_version, Instant due) {
  db::Schedule(tx, kReviewTimer, std::to_string(policy_version) + "/", due);
}

void Review(Tx& tx, const TimerContext& ctx) {
  const std::vector<std::string> key = SplitText(ctx.key, '/');
  const std::vector<std::string> customers = CustomersAfter(tx, key.size() < 2 ? "" : key[1], kReviewAtOnce);
  const Cause cause{FactKind::kPolicy, key.front(), "timer:" + std::string(kReviewTimer)};
  std::vector<Row> rows = LockAll(tx, customers, ctx.now);
  // After the locks: somebody who was waited for may have worked by a version that is newer.
  const policy::History policies(tx);
  std::vector<MemberState> states = LoadMemberStates(tx, std::move(rows));
  for (MemberState& state : states) Advance(tx, ctx.env, policies, cause, ctx.now, &state);
  Finish(tx, ctx.env, policies, cause.by, ctx.now, &states);
  if (customers.size() == kReviewAtOnce) db::Schedule(tx, kReviewTimer, key.front() + "/" + customers.back(), ctx.now);
}

void ExpirePoints(Tx& tx, const TimerContext& ctx) {
  Row row = Lock(tx, ctx.key, ctx.now);
  SavePoints(tx, &row, RefreshPoints(tx, ctx.env, &row, "timer:" + std::string(kExpiryTimer), ctx.now), ctx.now);
}

}  // namespace renxin::membership::members
