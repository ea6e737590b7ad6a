#include "services/leads/imports/refs.h"

#include "services/leads/customers/store.h"
#include "shared/intake/store.h"
#include "shared/runtime/roster.h"

namespace renxin::leads::imports {

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
    for (intake::store::Known& key : intake::store::Keys(tx_, kind, batch_.source, wanted)) numbers[key.no] = key.target_id;
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

bool Refs::Resolve(const intake::Fields& fields, std::string_view column, std::string_view kind, std::string* id,
                   intake::Outcome* waiting) const {
  const std::string& no = fields.Text(column);
  if (no.empty()) return true;
  const auto found = Find(kind, no);
  if (!found) {
    *waiting = intake::Outcome::Waiting(std::string(column), std::string(kind), no);
    return false;
  }
  *id = *found;
  return true;
}

void ReportCodes(Tx& tx, intake::Batch& batch, const std::string& kind, const std::set<std::string>& codes) {
  for (const std::string& code : customers::StoreNewCodes(tx, kind, codes)) batch.new_codes.insert(kind + "=" + code);
}

}  // namespace renxin::leads::imports
