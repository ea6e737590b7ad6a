#include <unistd.h>

#include <csignal>
#include <iostream>

#include "services/cli/commands.h"
#include "services/cli/https.h"

int main(int argc, char** argv) {
  using namespace renxin::cli;
  std::signal(SIGPIPE, SIG_IGN);  // a pager that was closed is no crash
  return Run(argc, argv,
             {.out = std::cout,
              .err = std::cerr,
              .terminal = ::isatty(STDERR_FILENO) == 1,
              .connect = [](const std::string& url, const std::string& ca) { return std::make_unique<Https>(url, ca); }});
}
