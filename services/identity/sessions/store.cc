#include "services/identity/sessions/store.h"

namespace renxin::identity::sessions {
namespace {

std::string Place(const std::string& kid) { return "signing_keys:" + kid; }

}  // namespace

std::vector<std::pair<std::string, std::string>> SigningSeeds(Tx& tx, const Environment& env) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [kid, seed] : tx.Select<std::string, std::string>("select kid, seed from signing_keys order by created_at, kid limit 20"))
    out.emplace_back(kid, env.sealer.OpenForService(Place(kid), seed));
  return out;
}

void AddSigningSeed(Tx& tx, const Environment& env, const std::string& kid, const std::string& seed, Instant now) {
  tx.Exec("insert into signing_keys (kid, seed, created_at) values (:kid, :seed, :now)",
          {{"kid", kid}, {"seed", env.sealer.SealForService(Place(kid), seed)}, {"now", now.micros}});
}

}  // namespace renxin::identity::sessions
