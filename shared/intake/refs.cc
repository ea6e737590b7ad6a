#include "shared/intake/refs.h"

#include "shared/intake/store.h"
#include "shared/runtime/roster.h"

namespace renxin::intake {

void Refs::Want(std::string_view kind, const std::string& no) {
  if (!no.empty()) known_[std::string(kind)].emplace(no, "");
}

void Refs::Load() {
  for (auto& [kind, numbers] : known_) {
    std::vector<std::string> wanted;
    for (const auto& [no, id] : numbers) wanted.push_back(no);
    if (kind == "staff") {
      for (auto& [no, id] : runtime::StaffByNumber(tx_, batch_.source, wanted)) numbers[no] = id;
      continue;
    }
    for (store::Known& key : store::Keys(tx_, kind, batch_.source, wanted)) numbers[key.no] = key.target_id;
  }
}

std::optional<std::string> Refs::Find(std::string_view kind, const std::string& no) const {
  const auto numbers = known_.find(kind);
  if (numbers == known_.end()) return std::nullopt;
  const auto found = numbers->second.find(no);
  if (found == numbers->second.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

void Refs::Add(std::string_view kind, const std::string& no, const std::string& id) { known_[std::string(kind)][no] = id; }

bool Refs::Resolve(const Fields& fields, std::string_view column, std::string_view kind, std::string* id,
                   Outcome* waiting) const {
  const std::string& no = fields.Text(column);
  if (no.empty()) return true;
  const auto found = Find(kind, no);
  if (!found) {
    *waiting = Outcome::Waiting(std::string(column), std::string(kind), no);
    return false;
  }
  *id = *found;
  return true;
}

}  // namespace renxin::intake
