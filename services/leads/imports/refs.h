#pragma once
// The references of a batch, looked up in one go; what is not known yet makes a row wait.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/intake/kind.h"

namespace renxin::leads::imports {

class Refs {
 public:
  Refs(Tx& tx, intake::Batch& batch) : tx_(tx), batch_(batch) {}

  // Names the column and the kind of record it points to; looked up by Load.
  void Want(std::string_view kind, const std::string& no);
  void Load();
  // Our id; nothing when it is not known.
  std::optional<std::string> Find(std::string_view kind, const std::string& no) const;
  // A record that this batch has just made.
  void Add(std::string_view kind, const std::string& no, const std::string& id);

  // Resolves a cell: true when it is empty or known (`id` gets it); otherwise `waiting` gets the outcome.
  bool Resolve(const intake::Fields& fields, std::string_view column, std::string_view kind, std::string* id,
               intake::Outcome* waiting) const;

 private:
  Tx& tx_;
  intake::Batch& batch_;
  std::map<std::string, std::map<std::string, std::string>, std::less<>> known_;
};

// Adds what policy does not know yet to the report: `campaign=spring`.
void ReportCodes(Tx& tx, intake::Batch& batch, const std::string& kind, const std::set<std::string>& codes);

}  // namespace renxin::leads::imports
