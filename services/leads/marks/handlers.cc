#include "services/leads/marks/handlers.h"

#include "services/leads/customers/store.h"
#include "services/leads/marks/store.h"

namespace renxin::leads::marks {
namespace {

v1::CustomerMarks MarksOf(Tx& tx, const Environment& env, const std::string& id, const contract::Page& page) {
  v1::CustomerMarks out;
  out.set_id(id);
  const std::set<std::string> marks = Of(tx, env, id);
  out.set_deceased(marks.contains("deceased"));
  out.set_compassion(marks.contains("compassion"));
  const contract::Paged<db::Change> changes = ListHistory(tx, env, id, page);
  for (const db::Change& change : changes.rows) {
    auto* entry = out.add_history();
    entry->set_at(FormatTime(change.at));
    entry->set_by(change.by);
    entry->set_from(change.from);
    entry->set_to(change.to);
    entry->set_why(change.why);
  }
  out.set_next_page_token(changes.next_page_token);
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
  return MarksOf(tx, ctx.env, req.id(), contract::Page());
}

Result<v1::CustomerMarks> GetMarks(Tx& tx, const CallContext& ctx, const v1::GetMarksRequest& req) {
  if (!customers::Exists(tx, req.id())) return NotFound("customer");
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(db::kHistoryList, req));
  return MarksOf(tx, ctx.env, req.id(), page);
}

}  // namespace renxin::leads::marks
