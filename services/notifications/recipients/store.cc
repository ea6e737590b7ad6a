#include "services/notifications/recipients/store.h"

#include "shared/core/normal.h"

namespace renxin::notifications::recipients {

Keys KeysOf(const Environment& env, const std::string& name, const std::string& phone) {
  if (phone.empty()) return {};
  return {env.sealer.BlindIndex("phone", phone), env.sealer.BlindIndex("person", phone + "\n" + NormalForm(name))};
}

void StoreStop(Tx& tx, Scope scope, const std::string& key, Instant at) {
  static const db::UpsertSpec kStops{
      .table = "stops", .columns = {"scope", "key", "stopped_at"}, .key_columns = 2, .version_column = "stopped_at"};
  tx.Upsert(kStops, {std::int64_t{static_cast<int>(scope)}, key, at.micros});
}

void Stops::Want(const std::string& customer_id, const Keys& keys) {
  for (const std::string& key : {customer_id, keys.phone, keys.person}) {
    if (!key.empty()) by_key_.try_emplace(key);
  }
}

void Stops::Load(Tx& tx) {
  std::vector<std::string> keys;
  keys.reserve(by_key_.size());
  for (const auto& [key, stops] : by_key_) keys.push_back(key);
  for (auto& [scope, key, at] :
       tx.SelectIn<std::int64_t, std::string, std::int64_t>("select scope, key, stopped_at from stops where key in (:keys)", keys)) {
    by_key_[key].push_back({static_cast<Scope>(scope), {at}});
  }
}

std::vector<Stop> Stops::Of(const std::string& customer_id, const Keys& keys) const {
  std::vector<Stop> out;
  for (const std::string& key : {keys.phone, keys.person, customer_id}) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) out.insert(out.end(), found->second.begin(), found->second.end());
  }
  return out;
}

}  // namespace renxin::notifications::recipients
