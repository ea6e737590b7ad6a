#pragma once
// gzip: whether a client takes it, and the way back for one that does not.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "shared/http/rules.h"

namespace renxin::gateway::pages {

// By Accept-Encoding (RFC 9110, 12.5.3): without the header the client gets what every client can read.
bool AcceptsGzip(const http::Head& head);

// What a gzip stream of one member inflates to, as its last four bytes say.
std::uint64_t InflatedSize(std::string_view gzip);

class Inflater {
 public:
  // Keeps a view of `gzip`.
  explicit Inflater(std::string_view gzip);
  ~Inflater();
  // The next piece, of at most `limit` bytes; empty at the end. Throws std::runtime_error when the stream is corrupted.
  std::string Next(std::size_t limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace renxin::gateway::pages
