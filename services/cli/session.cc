#include "services/cli/session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "services/cli/exit_code.h"
#include "services/cli/json.h"
#include "shared/core/variables.h"

namespace renxin::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Fail(const fs::path& file, const char* what) {
  throw CliError(Exit::kFailed, file.string() + " " + what + ": " + std::strerror(errno));
}

void MakeFolder(const fs::path& folder) {
  if (folder.empty() || fs::exists(folder)) return;
  MakeFolder(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) Fail(folder, "cannot be made");
}

}  // namespace

fs::path DefaultSessionFile() {
  if (const std::string given = Variable("RENXIN_SESSION"); !given.empty()) return given;
  if (const std::string config = Variable("XDG_CONFIG_HOME"); !config.empty()) return fs::path(config) / "renxin/session.json";
  return fs::path(Variable("HOME")) / ".config/renxin/session.json";
}

std::optional<Session> LoadSession(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    Fail(file, "cannot be read");
  }
  if ((status.st_mode & 077) != 0) throw CliError(Exit::kFailed, file.string() + " can be read by others: chmod 600 it, or sign in again");
  std::ifstream in(file);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) Fail(file, "cannot be read");
  const json::object object = ParseObject(text.str());
  return Session{.url = Text(object, "url"),
                 .username = Text(object, "username"),
                 .access_token = Text(object, "access_token"),
                 .expires_at = Int(object, "expires_at"),
                 .password_file = Text(object, "password_file"),
                 .refresh_token = Text(object, "refresh_token"),
                 .refresh_key = Text(object, "refresh_key")};
}

void SaveSession(const fs::path& file, const Session& session) {
  MakeFolder(fs::absolute(file).parent_path());
  WritePrivately(file, json::serialize(json::object{{"url", session.url},
                                                    {"username", session.username},
                                                    {"access_token", session.access_token},
                                                    {"expires_at", session.expires_at},
                                                    {"password_file", session.password_file},
                                                    {"refresh_token", session.refresh_token},
                                                    {"refresh_key", session.refresh_key}}) +
                           "\n");
}

void WritePrivately(const fs::path& file, const std::string& text) {
  const fs::path part = file.string() + "." + std::to_string(::getpid());
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) Fail(part, "cannot be written");
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      ::close(descriptor);
      Fail(part, "cannot be written");
    }
    written += static_cast<std::size_t>(count);
  }
  if (::close(descriptor) != 0 || ::rename(part.c_str(), file.c_str()) != 0) Fail(file, "cannot be written");
}

std::string ReadPassword(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) throw CliError(Exit::kFailed, "no password in " + file.string());
  while (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) throw CliError(Exit::kFailed, "no password in " + file.string());
  return line;
}

}  // namespace renxin::cli
