#include "services/leads/imports/wiring.h"
#include "services/leads/policy/policy.h"
#include "services/leads/wiring.h"

int main(int argc, char** argv) {
  using namespace renxin::leads;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("leads", imports::AllMigrations());
  imports::Install(service);
  service.AtStart(&EnsurePolicy);
  Register(service);
  return service.Run(argc, argv);
}
