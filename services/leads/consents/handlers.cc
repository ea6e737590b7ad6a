#include "services/leads/consents/handlers.h"

#include <algorithm>

#include "services/leads/consents/store.h"
#include "services/leads/customers/store.h"

namespace renxin::leads::consents {
namespace {

v1::Consent ToProto(const Entry& entry) {
  v1::Consent out;
  out.set_purpose(entry.decision.purpose);
  out.set_decision(entry.decision.given ? "given" : "withdrawn");
  if (entry.decision.at.micros != 0) out.set_at(FormatTime(entry.decision.at));
  out.set_source(entry.source);
  out.set_text_version(entry.text_version);
  out.set_recorded_at(FormatTime(entry.recorded_at));
  out.set_by(entry.recorded_by);
  return out;
}

v1::CustomerConsents ConsentsOf(Tx& tx, const std::string& id) {
  v1::CustomerConsents out;
  out.set_id(id);
  const std::vector<Entry> entries = List(tx, id);
  std::vector<Decision> decisions;
  decisions.reserve(entries.size());
  for (const Entry& entry : entries) decisions.push_back(entry.decision);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    *out.add_entries() = ToProto(entries[i]);
    if (Deciding(decisions, decisions[i].purpose) == &decisions[i]) *out.add_current() = ToProto(entries[i]);
  }
  return out;
}

}  // namespace

Result<v1::CustomerConsents> RecordConsent(Tx& tx, const CallContext& ctx, const v1::RecordConsentRequest& req) {
  if (!customers::Exists(tx, req.id())) return NotFound("customer");
  Instant at = ctx.now;
  if (!req.at().empty()) {
    ASSIGN_OR_RETURN(at, ParseTime(req.at()));
  }
  ASSIGN_OR_RETURN(const std::string source, CheckConsent({}, at, req.source(), ctx.now, EntryPath::kRoute));
  Record(tx, req.id(),
                   {.decision = {.purpose = req.purpose(), .given = req.decision() == "given", .at = at},
                    .source = source,
                    .text_version = req.text_version(),
                    .recorded_at = ctx.now,
                    .recorded_by = ctx.caller.username});
  db::AppendSealedHistory(tx, ctx.env.sealer,
                          {"consent", req.id(), ctx.now, ctx.caller.username, req.purpose(), req.decision(), req.source()});
  v1::CustomerConsents out = ConsentsOf(tx, req.id());
  out.set_decides(std::any_of(out.current().begin(), out.current().end(), [&](const v1::Consent& one) {
    return one.purpose() == req.purpose() && one.decision() == req.decision() && one.at() == FormatTime(at);
  }));
  return out;
}

Result<v1::CustomerConsents> ListConsents(Tx& tx, const CallContext& /*ctx*/, const v1::ListConsentsRequest& req) {
  if (!customers::Exists(tx, req.id())) return NotFound("customer");
  return ConsentsOf(tx, req.id());
}

}  // namespace renxin::leads::consents
