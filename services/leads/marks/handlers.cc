#include "services/leads/marks/handlers.h"

#include "services/leads/customers/store.h"
#include "services/leads/marks/store.h"

namespace renxin::leads::marks {
namespace {

v1::CustomerMarks MarksOf(Tx& tx, const Environment& env, const std::string& id) {
  v1::CustomerMarks out;
  out.set_id(id);
  const std::set<std::string> marks = Of(tx, env, id);
  out.set_deceased(marks.contains("deceased"));
  out.set_compassion(marks.contains("compassion"));
  for (const db::Change& change : HistoryOf(tx, env, id)) {
    auto* entry = out.add_history();
    entry->set_at(FormatTime(change.at));
    entry->set_by(change.by);
    entry->set_from(change.from);
    entry->set_to(change.to);
    entry->set_why(change.why);
  }
  return out;
}

}  // namespace

Result<v1::CustomerMarks> MarkCustomer(Tx& tx, const CallContext& ctx, const v1::MarkCustomerRequest& req) {
  if (!customers::Exists(tx, req.id())) return NotFound("customer");
  // The same again changes nothing and leaves no second entry.
  if (Store(tx, ctx.env, req.id(), req.mark(), req.set())) {
    const std::string without = "not " + req.mark();
    AppendHistory(
        tx, ctx.env,
        {"mark", req.id(), ctx.now, ctx.caller.username, req.set() ? without : req.mark(), req.set() ? req.mark() : without, req.reason()});
  }
  return MarksOf(tx, ctx.env, req.id());
}

Result<v1::CustomerMarks> GetMarks(Tx& tx, const CallContext& ctx, const v1::GetMarksRequest& req) {
  if (!customers::Exists(tx, req.id())) return NotFound("customer");
  return MarksOf(tx, ctx.env, req.id());
}

}  // namespace renxin::leads::marks
