#pragma once
// What commands look up by a key. A command declares its keys before it runs, and a group of commands asks once for all of them (lane.h).
// What a lock keeps from changing is declared together with the lock: locks are acquired first. What was not declared is asked for when it
// is needed, and so is what somebody of the group has written to since: a command sees the same either way.

#include <array>
#include <string_view>
#include <tuple>
#include <vector>

#include "shared/db/tx.h"

namespace renxin::db {

template <class... T>
class Lookup {
 public:
  explicit Lookup(LookupSpec spec) : spec_(spec) {}

  void Want(Tx& tx, const std::vector<std::string>& keys) const { tx.WantKeys(spec_, {kKinds.data(), kKinds.size()}, keys); }

  // Get, and what was found is known from here on: for what many ask for in one transaction and none declares.
  std::vector<std::tuple<T...>> GetOnce(Tx& tx, const std::vector<std::string>& keys) const {
    Want(tx, keys);
    tx.FetchKeys(spec_);
    return Get(tx, keys);
  }

  // What is there now, whatever was fetched before.
  std::vector<std::tuple<T...>> GetAgain(Tx& tx, const std::vector<std::string>& keys) const { return tx.SelectIn<T...>(spec_.sql, keys); }

  // The rows of a key come in the order of the statement, those of one key after those of another.
  std::vector<std::tuple<T...>> Get(Tx& tx, const std::vector<std::string>& keys) const {
    std::vector<std::tuple<T...>> rows;
    tx.GetKeys(spec_, keys, {kKinds.data(), kKinds.size(), &Tx::Append<T...>, &rows});
    return rows;
  }

 private:
  static constexpr std::array<detail::ColumnKind, sizeof...(T)> kKinds = {detail::Column<T>::kKind...};
  LookupSpec spec_;
};

}  // namespace renxin::db
