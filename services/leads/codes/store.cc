#include "services/leads/codes/store.h"

#include <vector>

namespace renxin::leads::codes {
namespace {

const db::InsertSpec kCodes{.table = "codes", .columns = {"kind", "code"}, .suffix = "on conflict do nothing"};

}  // namespace

void Report(Tx& tx, intake::Batch& batch, const std::string& kind, const std::set<std::string>& codes) {
  std::set<std::string> fresh = codes;
  fresh.erase("");
  const std::vector<std::string> wanted(fresh.begin(), fresh.end());
  for (auto& [code] : tx.SelectIn<std::string>("select code from codes where kind = :kind and code in (:keys)", wanted, {{"kind", kind}}))
    fresh.erase(code);
  for (const std::string& code : fresh) {
    tx.Stage(kCodes, {kind, code});
    batch.new_codes.insert(kind + "=" + code);
  }
}

}  // namespace renxin::leads::codes
