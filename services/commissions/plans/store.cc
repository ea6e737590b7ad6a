#include "services/commissions/plans/store.h"

#include <algorithm>

#include "renxin/commissions/v1/commissions.pb.h"
#include "shared/core/text.h"
#include "shared/db/rows.h"

namespace renxin::commissions::plans {
namespace {

constexpr const char* kMakers = "shipped";

struct Stored : Version {
  std::string code;
  std::int64_t number = 0;
  std::string body;
};
const db::Rows<Stored> kPlans("plans", {{"id", &Version::id},
                                        {"code", &Stored::code},
                                        {"version", &Stored::number},
                                        {"effective_from", &Version::effective_from},
                                        {"author", &Version::author},
                                        {"author_staff_id", &Version::author_staff_id},
                                        {"body", &Stored::body}});

std::vector<Version> ReadVersions(Tx& tx, std::vector<Stored> rows, std::vector<db::UnreadableRow>* unreadable = nullptr) {
  std::vector<Version> out;
  for (Stored& v : rows) {
    auto document = db::ReadBody<v1::PlanDocument>("plans", v.id, v.body, unreadable);
    if (!document) continue;
    v.document = std::make_shared<const v1::PlanDocument>(std::move(*document));
    v.plan = FromDocument(*v.document, v.number);
    out.push_back(std::move(v));
  }
  for (Version& v : out) {
    for (auto& [staff, approver] : tx.Select<std::string, std::string>(
             "select staff_id, approver from plan_approvals where plan_id = :id order by approved_at, approver limit 10", {{"id", v.id}})) {
      v.approvers.push_back({staff, approver});
    }
  }
  return out;
}

}  // namespace

// Whoever proposes is a member of staff: an account that happens to be called `shipped` is not the makers.
bool IsApproved(const Version& v) { return (v.author == kMakers && v.author_staff_id.empty()) || v.approvers.size() >= kApprovalsNeeded; }

Plan FromDocument(const v1::PlanDocument& document, std::int64_t version) {
  Plan plan{.code = document.code(), .version = version};
  plan.table.rule = document.table().rule();
  plan.table.mode = static_cast<Mode>(document.table().mode());
  for (const auto& bracket : document.table().brackets()) plan.table.brackets.push_back({bracket.from_fen(), bracket.rate_bp()});
  for (const auto& item : document.item_rates()) plan.items.push_back({item.rule(), item.category(), item.rate_bp()});
  plan.excluded = {document.excluded_categories().begin(), document.excluded_categories().end()};
  plan.courses_count_at_close = document.courses_count_at_close();
  plan.not_covered = {document.not_covered().begin(), document.not_covered().end()};
  return plan;
}

v1::PlanDocument ToDocument(const Plan& plan, const std::string& title) {
  v1::PlanDocument document;
  document.set_code(plan.code);
  document.set_title(title);
  document.mutable_table()->set_rule(plan.table.rule);
  document.mutable_table()->set_mode(static_cast<v1::TableMode>(plan.table.mode));
  for (const Bracket& bracket : plan.table.brackets) {
    auto* to = document.mutable_table()->add_brackets();
    to->set_from_fen(bracket.from);
    to->set_rate_bp(bracket.rate_bp);
  }
  for (const ItemRate& item : plan.items) {
    auto* to = document.add_item_rates();
    to->set_rule(item.rule);
    to->set_category(item.category);
    to->set_rate_bp(item.rate_bp);
  }
  for (const std::string& category : plan.excluded) document.add_excluded_categories(category);
  document.set_courses_count_at_close(plan.courses_count_at_close);
  for (const std::string& open : plan.not_covered) document.add_not_covered(open);
  return document;
}

Version Insert(Tx& tx, const v1::PlanDocument& document, const std::string& effective_from, const Person& author, Instant now) {
  const auto last =
      tx.First<std::int64_t>("select cast(coalesce(max(version), 0) as bigint) from plans where code = :code", {{"code", document.code()}});
  const std::int64_t version = std::get<0>(*last) + 1;
  const std::string id = NewId();
  tx.Exec(
      "insert into plans (id, code, version, effective_from, author, author_staff_id, body, created_at) values (:id, :code, :version, "
      ":from, :author, :staff, :body, :now)",
      {{"id", id},
       {"code", document.code()},
       {"version", version},
       {"from", effective_from},
       {"author", author.username},
       {"staff", db::TextOrNull(author.staff_id)},
       {"body", ToBase64(document.SerializeAsString())},
       {"now", now.micros}});
  db::AppendHistory(tx, {"plan", id, now, author.username, "", "proposed", document.code() + " version " + std::to_string(version)});
  return *Get(tx, id);
}

void Approve(Tx& tx, const std::string& id, const Person& approver, Instant now) {
  tx.Exec(
      "insert into plan_approvals (plan_id, staff_id, approver, approved_at) values (:id, :staff, :approver, :now) on conflict do nothing",
      {{"id", id}, {"staff", approver.staff_id}, {"approver", approver.username}, {"now", now.micros}});
  db::AppendHistory(tx, {"plan", id, now, approver.username, "", "approved", ""});
}

std::optional<Version> Get(Tx& tx, const std::string& id) {
  auto rows = ReadVersions(tx, kPlans.Select(tx, "where id = :id", {{"id", id}}));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

// The page is cut before bodies are read: one that cannot be read is missing in it and does not end the list.
contract::Paged<Version> List(Tx& tx, const std::string& code, const contract::Page& page) {
  std::string where = "where code >= :after";
  db::Binds binds{{"after", page.Text(0)}};
  if (!page.first()) {
    where += " and (code > :after2 or version < :version)";
    binds.insert(binds.end(), {{"after2", page.Text(0)}, {"version", page.Number(1)}});
  }
  if (!code.empty()) {
    where += " and code = :code";
    binds.emplace_back("code", code);
  }
  contract::Paged<Stored> cut =
      contract::Cut(kPlanList, page, kPlans.Select(tx, where + " order by code, version desc limit " + std::to_string(page.fetch()), binds),
                    [](const Stored& row) {
                      return std::vector<std::string>{row.code, std::to_string(row.number)};
                    });
  return {ReadVersions(tx, std::move(cut.rows)), cut.next_page_token};
}

void SeedDefaults(Tx& tx, const TimerContext& ctx) {
  if (tx.First<std::string>("select id from plans limit 1")) return;
  Insert(tx, ToDocument(DefaultPlanA(), "方案A 业务员"), "1900-01-01", {"", kMakers}, ctx.now);
  Insert(tx, ToDocument(DefaultPlanB(), "方案B 业务员"), "1900-01-01", {"", kMakers}, ctx.now);
}

PlanCatalogue::PlanCatalogue(Tx& tx, std::vector<db::UnreadableRow>* unreadable) {
  for (const Version& v : ReadVersions(tx, kPlans.Select(tx, "order by code, version limit 1000", {}), unreadable)) {
    if (!IsApproved(v)) continue;
    if (const auto from = db::ReadDay("plans", v.id, v.effective_from, unreadable)) by_code_[v.plan.code].push_back({*from, v.plan});
  }
}

const Plan* PlanCatalogue::On(const std::string& code, Day day) const {
  const auto versions = by_code_.find(code);
  if (versions == by_code_.end()) return nullptr;
  const InForce* found = nullptr;
  for (const InForce& one : versions->second) {
    if (one.from <= day && (found == nullptr || one.from >= found->from)) found = &one;
  }
  return found == nullptr ? nullptr : &found->plan;
}

}  // namespace renxin::commissions::plans
