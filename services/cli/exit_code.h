#pragma once
// What the program ends with; README.md says it to people.

#include <stdexcept>
#include <string>

namespace renxin::cli {

enum class Exit {
  kOk = 0,
  kFailed = 1,       // refused, or failed; doctor: something was found
  kUsage = 2,        // asked in a way that cannot be understood
  kNotThere = 3,     // what was asked for does not exist
  kDiffers = 4,      // statement verify: a figure differs
  kTimeout = 5,      // it did not come true in time
  kCannotReach = 6,  // no gateway, no broker
};

// Ends a command with a message for people and a code for programs.
class CliError : public std::runtime_error {
 public:
  CliError(Exit code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Exit code() const { return code_; }

 private:
  Exit code_;
};

}  // namespace renxin::cli
