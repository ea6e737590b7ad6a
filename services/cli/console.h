#pragma once
// Where a command writes: results on `out`, everything else on `err`.

#include <ostream>
#include <string>

#include "services/cli/json.h"
#include "services/cli/table.h"

namespace renxin::cli {

class Console {
 public:
  Console(std::ostream& out, std::ostream& err, bool as_json, bool terminal) : out_(out), err_(err), json_(as_json), terminal_(terminal) {}

  bool json() const { return json_; }
  // The result: exactly one of the two is printed.
  void Result(const json::value& value, const std::string& text) {
    Progress("");
    if (json_) {
      out_ << json::serialize(value) << "\n";
    } else {
      out_ << text;
    }
    out_.flush();
  }
  void PrintInfo(const std::string& text) {
    Progress("");
    err_ << "renxin: " << text << std::endl;
  }
  // One line that is written over; only on a terminal. Empty: gone.
  void Progress(const std::string& text) {
    if (!terminal_ || (text.empty() && !shown_)) return;
    err_ << "\r\x1b[K" << text << std::flush;
    shown_ = !text.empty();
  }

 private:
  std::ostream& out_;
  std::ostream& err_;
  bool json_;
  bool terminal_;
  bool shown_ = false;
};

// `[####......] 40 %`
inline std::string Bar(std::uint64_t done, std::uint64_t of) {
  constexpr std::uint64_t kWidth = 20;
  const std::uint64_t percent = of == 0 ? 100 : done * 100 / of;
  const std::uint64_t filled = percent * kWidth / 100;
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "] " + std::to_string(percent) + " %";
}

}  // namespace renxin::cli
