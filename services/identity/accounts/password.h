#pragma once
// argon2id through libsodium, 64 MiB and two passes: about 70 ms. Only ever called where a request may
// wait (at most two at a time), never on the bus's threads or in a transaction.

#include <string>

namespace renxin::identity::accounts {

std::string HashPassword(const std::string& password);
// Takes the same time for an empty hash (an unknown user) as for a wrong password.
bool CheckPassword(const std::string& hash, const std::string& password);

}  // namespace renxin::identity::accounts
