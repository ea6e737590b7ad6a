#pragma once
// Files of import format 1 (IMPORT.md) into the suite.

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "services/cli/api.h"
#include "services/cli/console.h"

namespace renxin::cli {

struct ImportFile {
  std::string kind;
  std::filesystem::path path;
};

struct ImportOptions {
  std::vector<ImportFile> files;
  std::string source;
  bool dry_run = false;
  bool finish = false;                // close the source when every file is in
  std::chrono::seconds timeout{600};  // without any progress; for closing: in all
};

// The kinds of format 1, in the order in which the fewest rows have to wait.
const std::vector<std::string>& FormatKinds();
// Every file of format 1 in a folder. Throws CliError (kNotThere) when there is none.
std::vector<ImportFile> FilesIn(const std::filesystem::path& folder);

// `kinds`: those that some service takes. kOk; kNotThere when a file's kind is none of them (the others
// are imported all the same); kFailed when a file as a whole was refused. Refused records are no failure.
Exit Import(Api& api, Console& console, const std::vector<std::string>& kinds, const ImportOptions& options);

// The Idempotency-Key of an upload. `nonce` is one run's own: repeats within a run resume the same
// operation, the same file in a later run is a new import that reports `unchanged`.
std::string UploadKey(std::string_view file_digest, std::string_view kind, std::string_view source, bool dry_run, std::string_view nonce);

}  // namespace renxin::cli
