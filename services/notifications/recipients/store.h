#pragma once
#include <map>
#include <string>
#include <vector>

#include "services/notifications/recipients/rules.h"
#include "shared/runtime/context.h"

namespace renxin::notifications::recipients {

// The keyed indexes that a customer is recognised by here, whichever record of leads they stand in (G4, G8). Empty without a phone.
struct Keys {
  std::string phone;
  std::string person;
};
Keys KeysOf(const Environment& env, const std::string& name, const std::string& phone);

// From `at` on; a later one stands.
void StoreStop(Tx& tx, Scope scope, const std::string& key, Instant at);

// The stops that concern a customer: of their phone, of the person, of the record.
class Stops {
 public:
  void Want(const std::string& customer_id, const Keys& keys);
  void Load(Tx& tx);
  std::vector<Stop> Of(const std::string& customer_id, const Keys& keys) const;

 private:
  std::map<std::string, std::vector<Stop>> by_key_;
};

}  // namespace renxin::notifications::recipients
