#include "services/leads/settlements/relations_store.h"

#include <algorithm>

#include "shared/db/rows.h"

namespace renxin::leads::settlements {
namespace {

const db::Rows<Related> kRelated("settlements", {{"id", &Related::id},
                                                 {"kind", &Related::kind},
                                                 {"customer_id", &Related::customer_id},
                                                 {"occurred_at", &Related::occurred_at},
                                                 {"total_fen", &Related::total},
                                                 {"refund_of", &Related::refund_of}});

Related Reduce(const Settlement& s) { return {s.id, s.kind, s.customer_id, s.occurred_at, Total(s.lines), s.refund_of}; }

}  // namespace

Relations::Relations(Tx& tx, const std::vector<std::string>& ids, Hold hold) {
  if (ids.empty()) return;
  const std::string by_id = "where id in (:keys)";
  for (Related& one : hold == Hold::kUntilCommit ? kRelated.LoadForUpdate(tx, by_id, "id", ids) : kRelated.SelectIn(tx, by_id, ids)) {
    known_.emplace(one.id, std::move(one));
  }
  for (Related& refund : kRelated.SelectIn(tx, "where refund_of in (:keys)", ids)) {
    refunds_[refund.refund_of].emplace(refund.id, std::move(refund));
  }
}

Refunds Relations::RefundsOf(const std::string& id, const std::string& but) const {
  Refunds out;
  const auto found = refunds_.find(id);
  if (found == refunds_.end()) return out;
  for (const auto& [refund_id, refund] : found->second) {
    if (refund_id == but) continue;
    out.earliest = out.count == 0 ? refund.occurred_at : std::min(out.earliest, refund.occurred_at);
    out.total += refund.total;
    out.customer_id = refund.customer_id;
    ++out.count;
  }
  return out;
}

Status Relations::Check(const Settlement& settlement) const {
  std::optional<Related> named;
  if (settlement.refund_of == settlement.id && !settlement.id.empty()) {
    named = Reduce(settlement);
  } else if (const Related* sale = Find(settlement.refund_of)) {
    named = *sale;
  }
  return CheckRelations(Reduce(settlement), named, RefundsOf(settlement.refund_of, settlement.id), RefundsOf(settlement.id, ""));
}

void Relations::Record(const Settlement& settlement) {
  if (const Related* before = Find(settlement.id); before != nullptr && !before->refund_of.empty()) {
    refunds_[before->refund_of].erase(settlement.id);
  }
  Related related = Reduce(settlement);
  if (!related.refund_of.empty()) refunds_[related.refund_of].insert_or_assign(related.id, related);
  known_.insert_or_assign(settlement.id, std::move(related));
}

const Related* Relations::Find(const std::string& id) const {
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : &found->second;
}

}  // namespace renxin::leads::settlements
