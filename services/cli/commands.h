#pragma once
// The command line: what it takes, and which function does it.

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "services/cli/api.h"

namespace renxin::cli {

struct CommandContext {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // `err` is one
  Clock clock = Clock::Real();
  // How to reach a gateway; tests bring their own.
  std::function<std::unique_ptr<Transport>(const std::string& url, const std::string& ca_file)> connect;
};

// Runs one command; never throws. The exit code of the process.
int Run(int argc, const char* const* argv, const CommandContext& command_context);

}  // namespace renxin::cli
