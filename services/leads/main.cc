#include "services/leads/wiring.h"

int main(int argc, char** argv) {
  using namespace renxin::leads;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("leads", AllMigrations());
  Install(service);
  return service.Run(argc, argv);
}
