#pragma once
// One HTTP exchange. https.h has the real one; tests bring their own.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace renxin::cli {

// multipart/form-data: small fields first, then the one file, which is sent from disk so that memory does not grow with it.
struct Form {
  std::vector<std::pair<std::string, std::string>> fields{};
  std::filesystem::path file;
};

struct HttpRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::optional<Form> form{};                                            // instead of `body`
  std::function<void(std::uint64_t sent, std::uint64_t of)> progress{};  // while the form leaves
};

struct HttpReply {
  int status = 0;
  std::string body{};
  int retry_after_seconds = -1;  // -1: none given
};

// No reply came.
class TransportError : public std::runtime_error {
 public:
  // `hopeless`: asking again cannot help (the certificate is not the one that is trusted).
  TransportError(const std::string& message, bool hopeless) : std::runtime_error(message), hopeless_(hopeless) {}
  bool hopeless() const { return hopeless_; }

 private:
  bool hopeless_;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Throws TransportError.
  virtual HttpReply Send(const HttpRequest& request) = 0;
};

}  // namespace renxin::cli
