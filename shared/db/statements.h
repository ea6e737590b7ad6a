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

#include "shared/db/statement.h"

namespace renxin::db {

class Prepared;

class PreparedStatements {
 public:
  PreparedStatements(soci::session& session, Dialect dialect);
  // Without a word to the server: the session ends with them, and may be hanging.
  ~PreparedStatements();
  PreparedStatements(const PreparedStatements&) = delete;
  PreparedStatements& operator=(const PreparedStatements&) = delete;

  // Runs it and sets `affected`. SOCI's errors come through as they are.
  void Run(Statement* statement);
  // PostgreSQL: the same for several, between two commands without parameters (null: none), in one round trip; in several where their
  // parameters are long. Throws DbError for the first one that fails; those after it are not run. What is prepared for them is prepared
  // before all of it.
  void RunTogether(const char* before, std::vector<Statement>* statements, const char* after);

  // Outside of a transaction: gives back to the server what was dropped within one. Throws SOCI's errors.
  void GiveBack();

  // Beyond either those not used for longest go: a server keeps a plan for each, and SOCI some 500 bytes for each
  // parameter and column.
  static constexpr std::size_t kMax = 256;
  static constexpr std::size_t kPartsMax = 8'192;

 private:
  using Uses = std::list<std::pair<std::string, std::unique_ptr<Prepared>>>;

  void Drop(Uses::iterator use);
  Prepared& Find(const Statement& statement);

  soci::session& session_;
  Dialect dialect_;
  Uses uses_;  // the last used first
  std::unordered_map<std::string_view, Uses::iterator> by_key_;
  std::size_t parts_ = 0;             // of all of them
  std::vector<std::string> dropped_;  // their names at the server
};

}  // namespace renxin::db
