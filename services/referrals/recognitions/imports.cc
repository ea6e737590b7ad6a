#include "services/referrals/recognitions/imports.h"

#include <map>

#include "services/referrals/recognitions/store.h"
#include "shared/core/text.h"
#include "shared/runtime/roster.h"

namespace renxin::referrals::recognitions {
namespace {

using intake::Outcome;

struct Known {
  std::map<std::string, std::string> customers;
  std::map<std::string, std::string> staff;
  std::map<std::string, std::vector<Share>> shares;  // by customer id
  std::map<std::string, Recognition> before;         // what is recorded again, by id
};

Known Load(Tx& tx, const intake::Batch& batch, const std::vector<intake::Record>& records) {
  std::vector<std::string> customer_nos;
  std::vector<std::string> rep_nos;
  std::vector<std::string> targets;
  for (const intake::Record& record : records) {
    const intake::Fields fields(batch.kind, record.rows.front());
    customer_nos.push_back(fields.Text("customer_no"));
    rep_nos.push_back(fields.Text("rep_no"));
    if (!record.target_id.empty()) targets.push_back(record.target_id);
  }
  Known known;
  std::vector<std::string> ids;
  for (auto& [no, id] : db::ResolveAliases(tx, "customers", batch.source, customer_nos)) {
    known.customers[no] = id;
    ids.push_back(id);
  }
  for (auto& [no, id] : runtime::StaffByNumber(tx, batch.source, rep_nos)) known.staff[no] = id;
  known.before = LoadForUpdate(tx, targets);
  for (const auto& [id, recognition] : known.before) ids.push_back(recognition.customer_id);
  // Two files with shares of one customer come one after the other: the sum is looked at by both.
  db::HoldKeys(tx, "attributions", ids);
  for (auto& [customer, share] : SharesOf(tx, ids)) known.shares[customer].push_back(share);
  return known;
}

Outcome ApplyOne(Tx& tx, intake::Batch& batch, Known& known, const intake::Record& record) {
  intake::Fields fields(batch.kind, record.rows.front());
  const auto from = fields.Date("from");
  const auto until = fields.Date("until");
  const auto share_bp = fields.Integer("share_bp", 1, kWhole);
  if (from) fields.Check(CheckDays(*from, until, batch.env.zone.DayOf(batch.now)));
  std::string partner_no = fields.Text("partner_no");
  fields.Check(CheckCode("partner_no", &partner_no));
  if (!fields.ok()) return fields.Fault();
  const auto customer = known.customers.find(fields.Text("customer_no"));
  if (customer == known.customers.end()) return Outcome::Waiting("customer_no", "customers", fields.Text("customer_no"));
  const auto rep = known.staff.find(fields.Text("rep_no"));
  if (rep == known.staff.end()) return Outcome::Waiting("rep_no", "staff", fields.Text("rep_no"));
  const bool is_new = record.target_id.empty();
  const auto before = known.before.find(record.target_id);
  if (!is_new && before == known.before.end()) return Outcome::Refused("attribution_no", "what is stored of it cannot be read");
  const Share share{is_new ? NewId() : record.target_id, *from, until, static_cast<int>(*share_bp)};
  std::vector<Share>& shares = known.shares[customer->second];
  if (const auto day = FirstOverfull(shares, share)) {
    return Outcome::Refused("share_bp", "the shares open for this customer on " + FormatDay(*day) + " would add up to more than 10000");
  }
  // It may have been another customer's before.
  for (auto& [id, others] : known.shares) std::erase_if(others, [&](const Share& other) { return other.id == share.id; });
  shares.push_back(share);
  Recognition r{.id = share.id,
                .kind = Kind::kImported,
                .source = batch.source,
                .customer_id = customer->second,
                .rep_id = rep->second,
                .partner_ref = partner_no,
                .from = *from,
                .until = until,
                .share_bp = share.share_bp,
                .rank = record.position};
  r.reason = "imported: who had brought this customer before (" + batch.source + "/" + record.no + ")";
  if (!is_new) {
    r.version = before->second.version + 1;
    // Where it was first listed decides ties of G2 for good.
    r.rank = before->second.rank;
    before->second = r;
  }
  Store(tx, r, is_new, "import:" + batch.operation_id, batch.now);
  return is_new ? Outcome::Created(r.id) : Outcome::Updated(r.id);
}

std::vector<Outcome> Apply(Tx& tx, intake::Batch& batch, const std::vector<intake::Record>& records) {
  Known known = Load(tx, batch, records);
  std::vector<Outcome> out;
  out.reserve(records.size());
  for (const intake::Record& record : records) out.push_back(ApplyOne(tx, batch, known, record));
  return out;
}

}  // namespace

intake::KindSpec ImportKind() {
  return {.kind = "attributions",
          .columns = {{"attribution_no", true},
                      {"customer_no", true},
                      {"rep_no", true},
                      {"partner_no"},
                      {"from", true},
                      {"until"},
                      {"share_bp", true}},
          .number = "attribution_no",
          .apply = &Apply};
}

}  // namespace renxin::referrals::recognitions
