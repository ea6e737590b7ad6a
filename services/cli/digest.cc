#include "services/cli/digest.h"

#include <openssl/evp.h>

#include <fstream>
#include <memory>

#include "services/cli/exit_code.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

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

}  // namespace

std::string FileDigest(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || !std::filesystem::is_regular_file(file)) throw CliError(Exit::kNotThere, "no file " + file.string());
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
