#include "services/referrals/recognitions/store.h"

#include "renxin/referrals/v1/referrals_events.pb.h"
#include "shared/db/rows.h"
#include "shared/runtime/scope.h"

namespace renxin::referrals::recognitions {
namespace {

const db::InsertSpec kInsert{.table = "recognitions",
                             .columns = {"id", "kind", "source", "customer_id", "rep_id", "partner_ref", "from_day", "until_day",
                                         "share_bp", "rank", "reason", "visit_id", "withdrawn", "version", "created_at"}};

const db::Rows<Recognition> kRecognitions("recognitions", {{"id", &Recognition::id},
                                                           {"kind", &Recognition::kind},
                                                           {"source", &Recognition::source},
                                                           {"customer_id", &Recognition::customer_id},
                                                           {"rep_id", &Recognition::rep_id},
                                                           {"partner_ref", &Recognition::partner_ref},
                                                           {"from_day", &Recognition::from},
                                                           {"until_day", &Recognition::until},
                                                           {"share_bp", &Recognition::share_bp},
                                                           {"rank", &Recognition::rank},
                                                           {"reason", &Recognition::reason},
                                                           {"visit_id", &Recognition::visit_id},
                                                           {"withdrawn", &Recognition::withdrawn},
                                                           {"version", &Recognition::version}});

}  // namespace

void Store(Tx& tx, const Recognition& r, bool is_new, std::string_view by, Instant now) {
  if (is_new) {
    tx.Stage(kInsert,
             {r.id, std::int64_t{static_cast<int>(r.kind)}, db::TextOrNull(r.source), r.customer_id, r.rep_id,
              db::TextOrNull(r.partner_ref), FormatDay(r.from), r.until ? db::Value(FormatDay(*r.until)) : db::Value(),
              std::int64_t{r.share_bp}, r.rank, r.reason, db::TextOrNull(r.visit_id), std::int64_t{r.withdrawn}, r.version, now.micros});
  } else {
    tx.CompareAndSet(
        "update recognitions set customer_id = :customer, rep_id = :rep, partner_ref = :partner, from_day = :from, until_day = :until, "
        "share_bp = :share, rank = :rank, reason = :reason, withdrawn = :withdrawn, version = :version where id = :id and version = "
        ":before",
        {{"customer", r.customer_id},
         {"rep", r.rep_id},
         {"partner", db::TextOrNull(r.partner_ref)},
         {"from", FormatDay(r.from)},
         {"until", r.until ? db::Value(FormatDay(*r.until)) : db::Value()},
         {"share", r.share_bp},
         {"rank", r.rank},
         {"reason", r.reason},
         {"withdrawn", r.withdrawn ? 1 : 0},
         {"version", r.version},
         {"id", r.id},
         {"before", r.version - 1}});
  }
  db::AppendHistory(tx, {"recognition", r.id, now, std::string(by), "", r.withdrawn ? "withdrawn" : "recognised", r.reason});
  v1::ReferralRecognised event;
  event.set_recognition_id(r.id);
  event.set_kind(static_cast<v1::RecognitionKind>(r.kind));
  event.set_customer_id(r.customer_id);
  event.set_rep_id(r.rep_id);
  event.set_partner_ref(r.partner_ref);
  event.set_from(FormatDay(r.from));
  if (r.until) event.set_until(FormatDay(*r.until));
  event.set_share_bp(r.share_bp);
  event.set_rank(r.rank);
  event.set_visit_id(r.visit_id);
  event.set_withdrawn(r.withdrawn);
  event.set_version(r.version);
  db::Publish(tx, {r.id, r.version, now, now}, event);
}

std::optional<Recognition> Get(Tx& tx, const Scope& scope, const std::string& id) {
  db::Binds binds{{"id", id}};
  const std::string clause = runtime::ScopeClause(scope, "rep_id", &binds);
  return kRecognitions.First(tx, "where id = :id and " + clause, binds);
}

std::optional<Recognition> OfVisit(Tx& tx, const std::string& visit_id) {
  return kRecognitions.First(tx, "where visit_id = :visit" + std::string(tx.ForUpdate()), {{"visit", visit_id}});
}

contract::Paged<Recognition> List(Tx& tx, const Scope& scope, const ListFilter& filter, const contract::Page& page) {
  db::Binds binds{{"any", filter.customer_id.empty() ? 1 : 0},
                  {"customer", filter.customer_id},
                  {"all", filter.withdrawn ? 1 : 0},
                  {"after", page.Text(0)}};
  const std::string clause = runtime::ScopeClause(scope, "rep_id", &binds);
  auto rows = kRecognitions.Select(tx,
                                   "where (:any = 1 or customer_id = :customer) and (:all = 1 or withdrawn = 0) and id > :after and " +
                                       clause + " order by id limit " + std::to_string(page.fetch()),
                                   binds);
  return contract::Cut(kRecognitionList, page, std::move(rows), [](const Recognition& one) { return std::vector<std::string>{one.id}; });
}

std::map<std::string, Recognition> LoadForUpdate(Tx& tx, const std::vector<std::string>& ids) {
  std::map<std::string, Recognition> out;
  tx.LoadForUpdate<std::string>("select id from recognitions where id in (:keys)", "id", ids);
  for (Recognition& r : kRecognitions.SelectIn(tx, "where id in (:keys)", ids)) out.emplace(r.id, std::move(r));
  return out;
}

std::vector<std::pair<std::string, Share>> SharesOf(Tx& tx, const std::vector<std::string>& customers) {
  std::vector<std::pair<std::string, Share>> out;
  for (auto& [customer, id, from, until, share] : tx.SelectIn<std::string, std::string, std::string, std::string, std::int64_t>(
           "select customer_id, id, from_day, until_day, share_bp from recognitions where kind = 1 and withdrawn = 0 and customer_id in "
           "(:keys)",
           customers)) {
    // What cannot be read counts for all days: too little is given rather than too much.
    Share one{id, db::ReadDay("recognitions", id, from).value_or(Day{}), std::nullopt, static_cast<int>(share)};
    if (!until.empty()) one.until = db::ReadDay("recognitions", id, until);
    out.emplace_back(customer, one);
  }
  return out;
}

bool StoreVisit(Tx& tx, const DeskVisit& visit) {
  static const db::UpsertSpec kVisits{.table = "desk_visits", .columns = {"visit_id", "version", "customer_id", "rep_id", "arrived_on"}};
  return tx.UpsertNow(kVisits, {visit.id, visit.version, visit.customer_id, db::TextOrNull(visit.rep_id), FormatDay(visit.arrived_on)});
}

namespace {

Totals TotalsOf(Tx& tx, const std::string& table) {
  const auto row =
      *tx.First<std::int64_t, std::int64_t>("select cast(count(*) as bigint), cast(coalesce(sum(version), 0) as bigint) from " + table);
  return {std::get<0>(row), std::get<1>(row)};
}

}  // namespace

Totals RecognitionTotals(Tx& tx) { return TotalsOf(tx, "recognitions"); }
Totals VisitTotals(Tx& tx) { return TotalsOf(tx, "desk_visits"); }

}  // namespace renxin::referrals::recognitions
