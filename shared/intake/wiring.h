#pragma once
// How a service wires its imports: the migrations, the kinds, the roster that rows name staff by, and who else knows a number that
// a row waits for. One engine a process.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/intake/engine.h"

namespace renxin::intake {

// The tables of imports, then the service's own.
std::vector<db::Migration> WithImports(const std::vector<db::Migration>& own);

struct Wiring {
  std::string service;
  std::vector<KindSpec> kinds;
  // Rows name staff: identity's events are kept by this consumer (`leads_roster`), and what waited for a number is looked at again.
  // Empty where rows name none.
  std::string_view roster_consumer{};
  // By what a row waits for besides staff: asks the service that owns it.
  std::map<std::string, RemoteLookup> lookups{};
};
void Install(runtime::Service& service, Wiring wiring);

// The engine of this process, for reactions that bring what rows wait for. Throws std::logic_error before Install.
const Engine& Installed();

}  // namespace renxin::intake
