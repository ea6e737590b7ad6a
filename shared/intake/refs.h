#pragma once
// The references of a batch, looked up in one go; what is not known yet makes a row wait.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/intake/kind.h"

namespace renxin::intake {

class Refs {
 public:
  Refs(Tx& tx, Batch& batch) : tx_(tx), batch_(batch) {}

  // Names the column and the kind of record it points to; looked up by Load.
  void Want(std::string_view kind, const std::string& no);
  void Load();
  // Our id; nothing when it is not known.
  std::optional<std::string> Find(std::string_view kind, const std::string& no) const;
  // A record that this batch has just made.
  void Add(std::string_view kind, const std::string& no, const std::string& id);

  // Resolves a cell: true when it is empty or known (`id` gets it); otherwise `waiting` gets the outcome.
  bool Resolve(const Fields& fields, std::string_view column, std::string_view kind, std::string* id, Outcome* waiting) const;

 private:
  Tx& tx_;
  Batch& batch_;
  std::map<std::string, std::map<std::string, std::string>, std::less<>> known_;
};

}  // namespace renxin::intake
