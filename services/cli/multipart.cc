#include "services/cli/multipart.h"

#include <openssl/evp.h>

#include <fstream>
#include <memory>

#include "services/cli/exit_code.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

namespace fs = std::filesystem;

class Sha256 {
 public:
  Sha256() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void Add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string Hex() {
    std::string digest(32, '\0');
    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
    return ToHex(digest);
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

// A name inside quotes: what would end them, or the line, is replaced.
std::string SafeName(const std::string& name) {
  std::string out;
  for (const char c : name) out += c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '_' : c;
  return out;
}

}  // namespace

FileBody MultipartBody(const std::string& boundary, const std::vector<std::pair<std::string, std::string>>& fields, const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error || !fs::is_regular_file(file)) throw CliError(Exit::kNotThere, "no file " + file.string());
  FileBody body{.head = "", .path = file, .file_size = size, .tail = "\r\n--" + boundary + "--\r\n"};
  for (const auto& [name, value] : fields) {
    body.head += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  body.head += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + SafeName(file.filename().string()) +
               "\"\r\nContent-Type: text/csv\r\n\r\n";
  return body;
}

std::string FileDigest(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw CliError(Exit::kNotThere, "no file " + file.string());
  Sha256 digest;
  std::string piece(256 * 1024, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    digest.Add({piece.data(), static_cast<std::size_t>(in.gcount())});
  }
  return digest.Hex();
}

std::string TextDigest(std::string_view text) {
  Sha256 digest;
  digest.Add(text);
  return digest.Hex();
}

}  // namespace renxin::cli
