#include "services/referrals/recognitions/handlers.h"

#include "services/referrals/recognitions/store.h"
#include "shared/intake/engine.h"

namespace renxin::referrals::recognitions {
namespace {

v1::Recognition ToProto(const Recognition& r) {
  v1::Recognition out;
  out.set_id(r.id);
  out.set_kind(static_cast<v1::RecognitionKind>(r.kind));
  out.set_customer_id(r.customer_id);
  out.set_rep_id(r.rep_id);
  out.set_from(FormatDay(r.from));
  if (r.until) out.set_until(FormatDay(*r.until));
  out.set_share_bp(r.share_bp);
  out.set_reason(r.reason);
  out.set_visit_id(r.visit_id);
  out.set_version(r.version);
  out.set_withdrawn(r.withdrawn);
  return out;
}

}  // namespace

Result<v1::Recognition> GetRecognition(Tx& tx, const CallContext& ctx, const v1::GetRecognitionRequest& req) {
  const auto recognition = Get(tx, ctx.scope, req.id());
  if (!recognition) return NotFound("recognition");
  return ToProto(*recognition);
}

Result<v1::ListRecognitionsResponse> ListRecognitions(Tx& tx, const CallContext& ctx, const v1::ListRecognitionsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kRecognitionList, req));
  const ListFilter filter{.customer_id = req.customer_id(), .withdrawn = req.include_withdrawn()};
  const contract::Paged<Recognition> page = List(tx, ctx.scope, filter, asked);
  v1::ListRecognitionsResponse out;
  for (const Recognition& r : page.rows) *out.add_recognitions() = ToProto(r);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::ControlTotal> GetControlTotal(Tx& tx, const CallContext& /*ctx*/, const v1::GetControlTotalRequest& /*req*/) {
  const Totals recognitions = RecognitionTotals(tx);
  const Totals visits = VisitTotals(tx);
  v1::ControlTotal out;
  out.set_count(recognitions.count);
  out.set_versions(recognitions.versions);
  out.set_under_way(intake::CountUnderWay(tx));
  out.set_dead_letters(db::OpenDeadLetters(tx));
  out.set_visits(visits.count);
  out.set_visit_versions(visits.versions);
  return out;
}

}  // namespace renxin::referrals::recognitions
