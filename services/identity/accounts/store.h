#pragma once
#include <optional>
#include <string>
#include <vector>

#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::identity::accounts {

struct Account {
  std::string id;
  std::string username;
  std::string staff_id;
  std::vector<std::string> roles;
  std::string password_hash;
  bool disabled = false;
};

// False when the user name is taken.
bool Insert(Tx& tx, const Account& account, std::string_view by, Instant now);
std::optional<Account> ByName(Tx& tx, const std::string& username, bool for_update);
std::optional<Account> ById(Tx& tx, const std::string& id, bool for_update);
inline const contract::List kAccountList{"accounts", {contract::KeyPart::kUuid}};
// `staff_id` empty: all.
contract::Paged<Account> List(Tx& tx, const std::string& staff_id, const contract::Page& page);
void SetPassword(Tx& tx, const std::string& id, const std::string& hash, std::string_view by, Instant now);
void Disable(Tx& tx, const Environment& env, const std::string& id, std::string_view by, std::string_view why, Instant now);

}  // namespace renxin::identity::accounts
