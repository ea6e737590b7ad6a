#include "services/notifications/channels/log_channel.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>

#include <filesystem>

#include "shared/contract/mask.h"
#include "shared/observe/log.h"

namespace renxin::notifications::channels {
namespace {

// The file, opened and held alone until the end of the scope.
class Held {
 public:
  explicit Held(const std::string& path) : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (file_ >= 0 && ::flock(file_, LOCK_EX) != 0) {
      ::close(file_);
      file_ = -1;
    }
  }
  ~Held() {
    if (file_ >= 0) ::close(file_);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  int file() const { return file_; }
  bool ok() const { return file_ >= 0; }

 private:
  int file_;
};

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fdatasync(file) == 0;
}

// Empty for a line that nobody finished.
std::string KeyOf(std::string_view line) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(line, error);
  if (error || !value.is_object()) return "";
  const auto* key = value.as_object().if_contains("key");
  return key != nullptr && key->is_string() ? std::string(key->as_string()) : "";
}

}  // namespace

LogChannel::LogChannel(std::string path) : path_(std::move(path)) {
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  std::error_code ignored;  // opening the file tells
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
}

void LogChannel::CatchUp(int file) {
  std::string rest;
  char buffer[64 * 1024];
  std::int64_t at = read_to_;
  for (;;) {
    const ssize_t count = ::pread(file, buffer, sizeof(buffer), at);
    if (count <= 0) break;
    at += count;
    rest.append(buffer, static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', begin)) {
      if (std::string key = KeyOf(std::string_view(rest).substr(begin, end - begin)); !key.empty()) keys_.insert(std::move(key));
      begin = end + 1;
    }
    read_to_ += static_cast<std::int64_t>(begin);
    rest.erase(0, begin);
  }
  corrupted_ = !rest.empty();
}

Answer LogChannel::Send(const Outgoing& message, Instant now) {
  const std::scoped_lock lock(mutex_);
  const Held held(path_);
  if (!held.ok()) return {Answer::Outcome::kTryLater, "the message log cannot be opened"};
  CatchUp(held.file());
  if (keys_.contains(message.key)) return {Answer::Outcome::kAccepted, ""};
  const boost::json::object line{{"key", message.key},
                                 {"time", FormatTime(now)},
                                 {"template", message.template_code},
                                 {"template_version", message.template_version},
                                 {"parts", message.parts},
                                 {"phone", contract::MaskPhone(message.phone)}};
  if (!WriteAll(held.file(), (corrupted_ ? "\n" : "") + boost::json::serialize(line) + "\n")) {
    return {Answer::Outcome::kUnknown, "the message log could not be written"};
  }
  return {Answer::Outcome::kAccepted, ""};
}

sending::Trace LogChannel::Find(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const Held held(path_);
  if (!held.ok()) return sending::Trace::kCannotTell;
  CatchUp(held.file());
  return keys_.contains(key) ? sending::Trace::kAccepted : sending::Trace::kNeverSeen;
}

}  // namespace renxin::notifications::channels
