#include "services/commissions/statements/stored.h"

#include "renxin/commissions/v1/commissions.pb.h"
#include "shared/core/text.h"

namespace renxin::commissions::statements {
namespace {

void ToProto(const Line& line, v1::StatementLine* out) {
  out->set_rule(line.rule);
  out->set_plan(line.plan);
  out->set_plan_version(line.plan_version);
  out->set_category(line.category);
  out->set_carried_in_fen(line.carried_in);
  out->set_own_fen(line.own);
  out->set_base_fen(line.base());
  out->set_carried_out_fen(line.carried_out);
  out->set_mode(static_cast<v1::TableMode>(line.mode));
  for (const plans::Part& part : line.paid.parts) {
    auto* to = out->add_parts();
    to->set_from_fen(part.from);
    to->set_amount_fen(part.amount);
    to->set_rate_bp(part.rate_bp);
  }
  out->set_amount_fen(line.paid.amount);
  out->set_explanation(line.explanation);
  out->set_corrects_period(line.corrects);
  out->set_should_be_fen(line.should_be);
  out->set_was_fen(line.was);
}

Line FromProto(const v1::StatementLine& line) {
  Line out{.rule = line.rule(), .plan = line.plan(), .plan_version = line.plan_version(), .category = line.category()};
  out.carried_in = line.carried_in_fen();
  out.own = line.own_fen();
  out.carried_out = line.carried_out_fen();
  out.mode = static_cast<plans::Mode>(line.mode());
  for (const auto& part : line.parts()) out.paid.parts.push_back({part.from_fen(), part.amount_fen(), part.rate_bp()});
  out.paid.amount = line.amount_fen();
  out.explanation = line.explanation();
  out.corrects = line.corrects_period();
  out.should_be = line.should_be_fen();
  out.was = line.was_fen();
  return out;
}

template <class Totals>
void AddTotals(const std::map<std::string, Fen>& totals, Totals* out) {
  for (const auto& [rule, fen] : totals) {
    auto* total = out->Add();
    total->set_rule(rule);
    total->set_amount_fen(fen);
  }
}

Statement FromProto(const v1::Statement& s) {
  Statement out{.period = s.period(), .payee_id = s.payee_id(), .staff_no = s.staff_no(), .source = s.source()};
  out.locked = s.locked();
  out.history = s.history();
  out.performance = s.performance_fen();
  for (const auto& line : s.lines()) out.lines.push_back(FromProto(line));
  for (const auto& total : s.totals()) out.totals[total.rule()] = total.amount_fen();
  out.commission = s.commission_fen();
  out.in_open_courses = s.in_open_courses_fen();
  out.not_covered.assign(s.not_covered().begin(), s.not_covered().end());
  out.unreadable_rows.assign(s.unreadable_rows().begin(), s.unreadable_rows().end());
  out.source_count = s.source_count();
  out.hash = s.hash();
  return out;
}

}  // namespace

void ToProto(const Statement& s, v1::Statement* out) {
  out->set_period(s.period);
  out->set_payee_id(s.payee_id);
  out->set_staff_no(s.staff_no);
  out->set_source(s.source);
  out->set_locked(s.locked);
  out->set_history(s.history);
  out->set_performance_fen(s.performance);
  for (const Line& line : s.lines) ToProto(line, out->add_lines());
  AddTotals(s.totals, out->mutable_totals());
  out->set_commission_fen(s.commission);
  out->set_in_open_courses_fen(s.in_open_courses);
  for (const std::string& open : s.not_covered) out->add_not_covered(open);
  for (const std::string& row : s.unreadable_rows) out->add_unreadable_rows(row);
  out->set_source_count(s.source_count);
  out->set_hash(s.hash);
}

void ToProto(const Source& source, v1::StatementSource* out) {
  out->set_settlement_no(source.settlement_no);
  out->set_line_no(source.line_no);
  out->set_category(source.category);
  out->set_settled_on(source.settled_on);
  out->set_line_fen(source.line_fen);
  out->set_share_bp(source.share_bp);
  out->set_credited_fen(source.credited_fen);
  out->set_rule(source.rule);
  out->set_course_closed_on(source.course_closed_on);
}

void ToProto(const Statement& s, v1::StatementTotal* out) {
  out->set_payee_id(s.payee_id);
  out->set_staff_no(s.staff_no);
  for (const Line& line : s.lines) {
    if (!line.plan.empty()) out->set_plan(line.plan);
  }
  out->set_performance_fen(s.performance);
  AddTotals(s.totals, out->mutable_totals());
  out->set_commission_fen(s.commission);
}

std::string BodyOf(const Statement& statement) {
  v1::Statement body;
  ToProto(statement, &body);
  return ToBase64(body.SerializeAsString());
}

std::string BodyOf(const Source& source) {
  v1::StatementSource body;
  ToProto(source, &body);
  return ToBase64(body.SerializeAsString());
}

std::optional<Statement> ReadStatement(const std::string& id, const std::string& body, std::vector<db::UnreadableRow>* unreadable) {
  const auto statement = db::ReadBody<v1::Statement>("locked_statements", id, body, unreadable);
  if (!statement) return std::nullopt;
  return FromProto(*statement);
}

std::optional<Source> ReadSource(const std::string& id, const std::string& body, std::vector<db::UnreadableRow>* unreadable) {
  const auto source = db::ReadBody<v1::StatementSource>("locked_sources", id, body, unreadable);
  if (!source) return std::nullopt;
  return Source{.settlement_no = source->settlement_no(),
                .line_no = source->line_no(),
                .category = source->category(),
                .settled_on = source->settled_on(),
                .line_fen = source->line_fen(),
                .share_bp = source->share_bp(),
                .credited_fen = source->credited_fen(),
                .rule = source->rule(),
                .course_closed_on = source->course_closed_on()};
}

}  // namespace renxin::commissions::statements
