#pragma once
// multipart/form-data: small fields first, then the one file, which is sent from disk.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "services/cli/transport.h"

namespace renxin::cli {

// Throws CliError (kNotThere) when the file is not there or is no file.
FileBody MultipartBody(const std::string& boundary, const std::vector<std::pair<std::string, std::string>>& fields,
                       const std::filesystem::path& file);

// SHA-256 of a file's bytes, hex.
std::string FileDigest(const std::filesystem::path& file);
// SHA-256 of a text, hex.
std::string TextDigest(std::string_view text);

}  // namespace renxin::cli
