#pragma once
// Who is signed in where: one small file that only its owner can read.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace renxin::cli {

struct Session {
  std::string url;  // a token is shown to the gateway that gave it, to nobody else
  std::string username;
  std::string access_token;
  std::int64_t expires_at = 0;  // seconds since 1970, by this machine's clock
  // Where the password stands: a long import outlives a token of ten minutes. Empty: none was kept.
  std::string password_file;
  // Serves once; empty: none was given.
  std::string refresh_token{};
  // The Idempotency-Key it will be shown under, chosen when it was got: whoever shares this file, or starts again after a
  // crash, repeats the same request and gets the same answer instead of being taken for a thief.
  std::string refresh_key{};
};

// $RENXIN_SESSION, else $XDG_CONFIG_HOME/renxin/session.json, else ~/.config/renxin/session.json.
std::filesystem::path DefaultSessionFile();
// Nothing when there is none; throws CliError when it cannot be read or is readable by others.
std::optional<Session> LoadSession(const std::filesystem::path& file);
// Mode 0600, whole or not at all; missing folders are made with 0700.
void SaveSession(const std::filesystem::path& file, const Session& session);

// Writes a file of mode 0600 so that a reader sees the old one or the new one.
void WritePrivately(const std::filesystem::path& file, const std::string& text);
// The first line of a password file; throws CliError when there is none.
std::string ReadPassword(const std::filesystem::path& file);

}  // namespace renxin::cli
