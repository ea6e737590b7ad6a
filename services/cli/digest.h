#pragma once
// SHA-256 in hex: the key of an upload, the hash of a statement.

#include <filesystem>
#include <string>
#include <string_view>

namespace renxin::cli {

// Of a file's bytes. Throws CliError (kNotThere) when the file is not there or is no file.
std::string FileDigest(const std::filesystem::path& file);
std::string TextDigest(std::string_view text);

}  // namespace renxin::cli
