#pragma once
// The prepared statements of one session, kept from one use to the next: parsing and planning cost more than most of
// what they are for. SOCI stays inside; only the .cc files of shared/db include this.

#include <soci/soci.h>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/db/tx.h"

namespace renxin::db {

class Prepared;

class PreparedStatements {
 public:
  PreparedStatements(soci::session& session, Dialect dialect);
  // Without a word to the server: the session ends with them, and may be hanging.
  ~PreparedStatements();
  PreparedStatements(const PreparedStatements&) = delete;
  PreparedStatements& operator=(const PreparedStatements&) = delete;

  struct Parameter {
    std::string_view name;  // empty in all of a statement: by position
    const Value* value;
    // SQLite: bound as a number, which NULL may be too. A statement is prepared once for each combination.
    bool number = std::holds_alternative<std::int64_t>(*value);
  };
  struct Columns {
    const detail::ColumnKind* kinds = nullptr;
    std::size_t count = 0;
  };
  using Row = std::function<void(std::vector<detail::Cell>&)>;

  // Runs `sql`; returns the affected rows. `row` is called for every row when there are columns. SOCI's errors come
  // through as they are.
  std::int64_t Run(const std::string& sql, const std::vector<Parameter>& parameters, Columns columns, const Row& row);

  // Outside of a transaction: gives back to the server what was dropped within one. Throws SOCI's errors.
  void GiveBack();

  // Beyond either those not used for longest go: a server keeps a plan for each, and SOCI some 500 bytes for each
  // parameter and column.
  static constexpr std::size_t kMax = 256;
  static constexpr std::size_t kPartsMax = 8'192;

 private:
  using Uses = std::list<std::pair<std::string, std::unique_ptr<Prepared>>>;

  void Drop(Uses::iterator use);
  Prepared& Find(const std::string& sql, const std::vector<Parameter>& parameters, Columns columns);

  soci::session& session_;
  Dialect dialect_;
  Uses uses_;  // the last used first
  std::unordered_map<std::string_view, Uses::iterator> by_key_;
  std::size_t parts_ = 0;             // of all of them
  std::vector<std::string> dropped_;  // their names at the server
};

}  // namespace renxin::db
