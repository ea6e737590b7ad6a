#include "shared/db/statements.h"

#include <soci/postgresql/soci-postgresql.h>

#include <cstdlib>
#include <iterator>
#include <utility>

#include "shared/db/pipeline.h"

namespace renxin::db {
namespace {

// What a statement held of its last run beyond that is given back: there are many statements.
constexpr std::size_t kKeepBytes = 1'024;

void Shrink(std::string* text) {
  if (text->capacity() > kKeepBytes) std::string().swap(*text);
}

// Fewer than are kept: none of them is dropped for another one.
constexpr std::size_t kTogetherMax = 64;

// PostgreSQL takes every parameter as text and finds its type itself; SQLite's values bear their own type.
bool AsNumber(Dialect dialect, const Parameter& parameter) { return dialect == Dialect::kSqlite && parameter.number; }

// The text with all that a statement is bound to: names in their order, and the kinds of values and columns.
std::string KeyOf(Dialect dialect, const Statement& statement) {
  std::string key = statement.sql;
  key += '\n';
  for (const auto& parameter : statement.parameters) {
    key += parameter.name;
    key += AsNumber(dialect, parameter) ? '#' : '$';
  }
  key += '\n';
  for (std::size_t i = 0; i < statement.columns.count; ++i) key += statement.columns.kinds[i] == detail::ColumnKind::kText ? '$' : '#';
  return key;
}

}  // namespace

class Prepared {
 public:
  Prepared(soci::session& session, Dialect dialect, const std::string& sql, const std::vector<Parameter>& parameters, Columns columns)
      : dialect_(dialect), statement_(session), slots_(parameters.size()), cells_(columns.count), indicators_(columns.count, soci::i_ok) {
    for (std::size_t i = 0; i < columns.count; ++i) {
      if (columns.kinds[i] == detail::ColumnKind::kText) {
        statement_.exchange(soci::into(cells_[i].text, indicators_[i]));
      } else {
        statement_.exchange(soci::into(cells_[i].integer, indicators_[i]));
      }
    }
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      Slot& slot = slots_[i];
      const std::string name(parameters[i].name);
      slot.number_used = AsNumber(dialect, parameters[i]);
      if (slot.number_used) {
        statement_.exchange(soci::use(slot.number, slot.indicator, name));
      } else {
        statement_.exchange(soci::use(slot.text, slot.indicator, name));
      }
    }
    statement_.alloc();
    statement_.prepare(sql, soci::details::st_repeatable_query);
    statement_.define_and_bind();
  }

  std::int64_t Run(const std::vector<Parameter>& parameters, const Row& row) {
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].Take(*parameters[i].value);
    statement_.execute(cells_.empty());
    if (!cells_.empty()) {
      while (statement_.fetch()) {
        for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].null = indicators_[i] == soci::i_null;
        row(cells_);
      }
    }
    const std::int64_t affected = statement_.get_affected_rows();
    Release();
    return affected;
  }

  // In two parts, for a pipeline of PostgreSQL. By name, a parameter may stand in several places.
  void Send(Pipeline* pipeline, const std::vector<Parameter>& parameters) {
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].Take(*parameters[i].value);
    std::vector<const char*> values;
    const std::vector<std::string>& names = Postgres().names_;
    values.reserve(names.size());
    for (std::size_t at = 0; at < names.size(); ++at) {
      std::size_t i = at;
      if (!parameters[0].name.empty()) {
        for (i = 0; i < parameters.size() && parameters[i].name != names[at];) ++i;
      }
      if (i >= slots_.size()) throw DbError(ErrorKind::kOther, "no value for " + names[at]);
      values.push_back(slots_[i].indicator == soci::i_null ? nullptr : slots_[i].text.c_str());
    }
    pipeline->SendPrepared(Postgres().statementName_, values);
    for (Slot& slot : slots_) Shrink(&slot.text);
  }

  void Read(PGresult* result, const Row& row) {
    const int rows = cells_.empty() ? 0 : PQntuples(result);
    for (int r = 0; r < rows; ++r) {
      for (std::size_t i = 0; i < cells_.size(); ++i) {
        const int column = static_cast<int>(i);
        cells_[i].null = PQgetisnull(result, r, column) == 1;
        const char* text = PQgetvalue(result, r, column);
        cells_[i].text.assign(text, static_cast<std::size_t>(PQgetlength(result, r, column)));
        cells_[i].integer = cells_[i].null ? 0 : std::strtoll(text, nullptr, 10);
      }
      row(cells_);
    }
    for (detail::Cell& cell : cells_) Shrink(&cell.text);
  }

  std::size_t parts() const { return 1 + slots_.size() + cells_.size(); }

  // The server's part is not given back when this ends; answers its name, empty when there is none.
  std::string Abandon() { return dialect_ == Dialect::kPostgres ? std::exchange(Postgres().statementName_, {}) : std::string(); }

 private:
  // SOCI binds by pointer: the values are kept here.
  struct Slot {
    std::string text;
    long long number = 0;
    bool number_used = false;
    soci::indicator indicator = soci::i_ok;

    void Take(const Value& value) {
      indicator = soci::i_ok;
      if (const auto* given = std::get_if<std::string>(&value)) {
        text = *given;
      } else if (const auto* given_number = std::get_if<std::int64_t>(&value)) {
        if (number_used) {
          number = *given_number;
        } else {
          text = std::to_string(*given_number);
        }
      } else {
        indicator = soci::i_null;
      }
    }
  };

  soci::postgresql_statement_backend& Postgres() { return static_cast<soci::postgresql_statement_backend&>(*statement_.get_backend()); }

  void Release() {
    for (Slot& slot : slots_) Shrink(&slot.text);
    for (detail::Cell& cell : cells_) Shrink(&cell.text);
    if (dialect_ == Dialect::kPostgres) Postgres().result_.reset(nullptr);
  }

  Dialect dialect_;
  soci::statement statement_;
  std::vector<Slot> slots_;
  std::vector<detail::Cell> cells_;
  std::vector<soci::indicator> indicators_;
};

PreparedStatements::PreparedStatements(soci::session& session, Dialect dialect) : session_(session), dialect_(dialect) {}

PreparedStatements::~PreparedStatements() {
  for (auto& [key, prepared] : uses_) prepared->Abandon();
}

void PreparedStatements::GiveBack() {
  for (const std::string& name : std::exchange(dropped_, {})) session_ << "deallocate " + name;
}

// The server's part outlives the transaction, even an aborted one, in which it could not be given back.
void PreparedStatements::Drop(Uses::iterator use) {
  if (std::string name = use->second->Abandon(); !name.empty()) dropped_.push_back(std::move(name));
  parts_ -= use->second->parts();
  by_key_.erase(use->first);
  uses_.erase(use);
}

Prepared& PreparedStatements::Find(const Statement& statement) {
  std::string key = KeyOf(dialect_, statement);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    uses_.splice(uses_.begin(), uses_, found->second);
    return *uses_.front().second;
  }
  auto made = std::make_unique<Prepared>(session_, dialect_, statement.sql, statement.parameters, statement.columns);
  while (!uses_.empty() && (uses_.size() >= kMax || parts_ + made->parts() > kPartsMax)) Drop(std::prev(uses_.end()));
  parts_ += made->parts();
  uses_.emplace_front(std::move(key), std::move(made));
  by_key_.emplace(uses_.front().first, uses_.begin());
  return *uses_.front().second;
}

void PreparedStatements::Run(Statement* statement) {
  Prepared& prepared = Find(*statement);
  try {
    statement->affected = prepared.Run(statement->parameters, statement->row);
  } catch (...) {
    // The state SOCI left it in is unknown: it is recreated.
    Drop(uses_.begin());
    throw;
  }
}

void PreparedStatements::RunTogether(const char* before, std::vector<Statement>* statements, const char* after) {
  std::size_t bytes = 0;
  for (const Statement& statement : *statements) {
    for (const Parameter& parameter : statement.parameters) {
      if (const auto* text = std::get_if<std::string>(parameter.value)) bytes += text->size();
    }
  }
  if (bytes > Pipeline::kBytesMax || statements->size() > kTogetherMax) {
    if (before != nullptr) session_ << before;
    for (Statement& statement : *statements) Run(&statement);
    if (after != nullptr) session_ << after;
    return;
  }
  std::vector<Prepared*> prepared;
  prepared.reserve(statements->size());
  for (const Statement& statement : *statements) prepared.push_back(&Find(statement));
  try {
    Pipeline pipeline(static_cast<soci::postgresql_session_backend*>(session_.get_backend())->conn_);
    if (before != nullptr) pipeline.Send(before);
    for (std::size_t i = 0; i < prepared.size(); ++i) prepared[i]->Send(&pipeline, (*statements)[i].parameters);
    if (after != nullptr) pipeline.Send(after);
    const std::size_t first = before == nullptr ? 0 : 1;
    pipeline.Finish([&](std::size_t at, PGresult* result) {
      if (at < first || at - first >= prepared.size()) return;
      Statement& statement = (*statements)[at - first];
      statement.affected = std::strtoll(PQcmdTuples(result), nullptr, 10);
      prepared[at - first]->Read(result, statement.row);
    });
  } catch (...) {
    // Which of them it was, and whether the server still has the others, is not known: all are recreated.
    for (std::size_t i = 0; i < statements->size() && !uses_.empty(); ++i) Drop(uses_.begin());
    throw;
  }
}

}  // namespace renxin::db
