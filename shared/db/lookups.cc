#include "shared/db/lookups.h"

#include <algorithm>

namespace renxin::db {
namespace {

bool IsWord(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

}  // namespace

bool Mentions(std::string_view sql, std::string_view table) {
  for (std::size_t at = sql.find(table); at != std::string_view::npos; at = sql.find(table, at + 1)) {
    const std::size_t end = at + table.size();
    if ((at == 0 || !IsWord(sql[at - 1])) && (end == sql.size() || !IsWord(sql[end]))) return true;
  }
  return false;
}

Lookups::One* Lookups::FindOne(const LookupSpec& spec) {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const One& one) { return one.spec == &spec; });
  return found == all_.end() ? nullptr : &*found;
}

void Lookups::Want(const LookupSpec& spec, const detail::ColumnKind* kinds, std::size_t count, const std::vector<std::string>& keys) {
  One* one = FindOne(spec);
  if (one == nullptr) one = &all_.emplace_back(One{&spec, {kinds, kinds + count}, {}, {}});
  for (const std::string& key : keys) {
    if (!one->rows.contains(key)) one->wanted.insert(key);
  }
}

void Lookups::WantLocks(std::string_view kind, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    std::pair<std::string, std::string> lock{kind, key};
    if (!locks_held_.contains(lock)) locks_wanted_.insert(std::move(lock));
  }
}

std::vector<Lookups::One*> Lookups::Wanted() {
  std::vector<One*> out;
  for (One& one : all_) {
    if (!one.wanted.empty()) out.push_back(&one);
  }
  return out;
}

const std::vector<Lookups::Cells>* Lookups::Find(const LookupSpec& spec, const std::string& key) const {
  for (const One& one : all_) {
    if (one.spec != &spec) continue;
    const auto found = one.rows.find(key);
    return found == one.rows.end() ? nullptr : &found->second;
  }
  return nullptr;
}

void Lookups::Written(const InsertSpec& spec, const std::vector<Value>& row) {
  for (One& one : all_) {
    if (one.spec->table != spec.table || one.rows.empty()) continue;
    // A row that may replace another one may take it away from another key.
    const bool replaces = spec.key_columns > 0;
    const auto column = std::find(spec.columns.begin(), spec.columns.end(), one.spec->key);
    const Value* value = replaces || column == spec.columns.end() ? nullptr : &row[static_cast<std::size_t>(column - spec.columns.begin())];
    if (value == nullptr) {
      one.rows.clear();
    } else if (const auto* key = std::get_if<std::string>(value)) {
      one.rows.erase(*key);
    }
  }
}

void Lookups::Written(std::string_view sql) {
  for (One& one : all_) {
    if (!one.rows.empty() && Mentions(sql, one.spec->table)) one.rows.clear();
  }
}

}  // namespace renxin::db
