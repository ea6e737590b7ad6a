// renxin-gateway: HTTPS in front, the bus behind. `--openapi` prints the interface and ends.

#include <cstdio>
#include <string_view>

#include "services/gateway/gateway.h"
#include "services/gateway/openapi/openapi.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--openapi") {
    const renxin::gateway::Routes routes(renxin::contract::EmbeddedDescriptors());
    std::puts(renxin::gateway::OpenApiDocument(routes).c_str());
    return 0;
  }
  if (argc > 1) {
    std::fputs("usage: renxin-gateway [--openapi]; everything else comes from the environment (README.md)\n", stderr);
    return 2;
  }
  return renxin::gateway::RunGateway();
}
