#pragma once
// What the commands of one transaction have declared and what was found. Used by tx.cc alone.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/db/tx.h"

namespace renxin::db {

// Whether `sql` names `table`, as a whole word.
bool Mentions(std::string_view sql, std::string_view table);

class Lookups {
 public:
  using Cells = std::vector<detail::Cell>;
  struct One {
    const LookupSpec* spec;
    std::vector<detail::ColumnKind> kinds;
    std::set<std::string> wanted;                    // declared and not asked for yet
    std::map<std::string, std::vector<Cells>> rows;  // of every key that was asked for; without rows where there are none
  };

  void Want(const LookupSpec& spec, const detail::ColumnKind* kinds, std::size_t count, const std::vector<std::string>& keys);
  void WantLocks(std::string_view kind, const std::vector<std::string>& keys);

  // Those with something to ask for.
  std::vector<One*> Wanted();
  // The rows of `key` where they are known and still as they were.
  const std::vector<Cells>* Find(const LookupSpec& spec, const std::string& key) const;

  // A row goes into `spec.table`: what is known of its key is out of date.
  void Written(const InsertSpec& spec, const std::vector<Value>& row);
  // A statement writes what cannot be read from it: so is all of the tables it names.
  void Written(std::string_view sql);

  // Nothing is known any more, and no lock is held: what was written since has been taken back.
  void Forget() {
    all_.clear();
    locks_wanted_.clear();
    locks_held_.clear();
  }

  // (kind, key) of locks: declared and not taken yet, in the order to take them in; and those that are held.
  std::set<std::pair<std::string, std::string>>& locks_wanted() { return locks_wanted_; }
  std::set<std::pair<std::string, std::string>>& locks_held() { return locks_held_; }

 private:
  One* FindOne(const LookupSpec& spec);

  std::vector<One> all_;
  std::set<std::pair<std::string, std::string>> locks_wanted_;
  std::set<std::pair<std::string, std::string>> locks_held_;
};

}  // namespace renxin::db
