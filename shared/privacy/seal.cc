#include "shared/privacy/seal.h"

#include <sodium.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "shared/core/text.h"

namespace renxin::privacy {
namespace {

constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }  // NOLINT
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }                  // NOLINT

std::string Encrypt(std::string_view key, std::string_view place, std::string_view plain) {
  std::string out = RandomBytes(kNonceBytes);
  out.resize(kNonceBytes + plain.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(Bytes(out) + kNonceBytes, nullptr, Bytes(plain), plain.size(), Bytes(place), place.size(),
                                             nullptr, Bytes(out), Bytes(key));
  return out;
}

std::string Decrypt(std::string_view key, std::string_view place, std::string_view sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) throw std::runtime_error("sealed value is cut off");
  std::string out(sealed.size() - kNonceBytes - kTagBytes, '\0');
  const int failed =
      crypto_aead_xchacha20poly1305_ietf_decrypt(Bytes(out), nullptr, nullptr, Bytes(sealed) + kNonceBytes, sealed.size() - kNonceBytes,
                                                 Bytes(place), place.size(), Bytes(sealed), Bytes(key));
  if (failed != 0) throw std::runtime_error("sealed value does not open");
  return out;
}

std::string Keyed(std::string_view key, std::string_view prefix, std::string_view value) {
  std::string out(32, '\0');
  crypto_generichash_state state;
  crypto_generichash_init(&state, Bytes(key), key.size(), out.size());
  crypto_generichash_update(&state, Bytes(prefix), prefix.size());
  crypto_generichash_update(&state, Bytes(std::string_view("\0", 1)), 1);
  crypto_generichash_update(&state, Bytes(value), value.size());
  crypto_generichash_final(&state, Bytes(out), out.size());
  return ToHex(out);
}

std::string Key(std::string_view hex, int line) {
  auto bytes = FromHex(hex);
  if (!bytes || bytes->size() != kKeyBytes)
    throw std::runtime_error("key file line " + std::to_string(line) + ": 64 hex digits are expected");
  return *bytes;
}

// `<key id>.<base64>`: which key-encryption key opens it stands in front.
std::string WithKek(const ServiceKeys& keys, std::string_view place, std::string_view plain) {
  return keys.newest + '.' + ToBase64(Encrypt(keys.keks.at(keys.newest), place, plain));
}

std::string OpenWithKek(const ServiceKeys& keys, std::string_view place, std::string_view sealed) {
  const std::size_t dot = sealed.find('.');
  const auto kek = keys.keks.find(std::string(sealed.substr(0, dot)));
  const auto bytes = dot == std::string_view::npos ? std::nullopt : FromBase64(sealed.substr(dot + 1));
  if (!bytes || kek == keys.keks.end()) throw std::runtime_error("sealed value names no key of this service");
  return Decrypt(kek->second, place, *bytes);
}

}  // namespace

ServiceKeys ServiceKeys::Load(const std::string& path) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  std::ifstream file(path);
  if (!file) throw std::runtime_error("key file cannot be read: " + path);
  ServiceKeys ring;
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    std::istringstream words(text);
    std::string kind;
    if (!(words >> kind) || kind[0] == '#') continue;
    std::string first;
    std::string second;
    words >> first >> second;
    if (kind == "kek") {
      ring.keks[first] = Key(second, line);
      ring.newest = first;
    } else if (kind == "index") {
      ring.index_key = Key(first, line);
    } else if (kind == "hash") {
      ring.hash_key = Key(first, line);
    } else {
      throw std::runtime_error("key file line " + std::to_string(line) + ": unknown kind");
    }
  }
  if (ring.keks.empty() || ring.index_key.empty() || ring.hash_key.empty()) throw std::runtime_error("key file lacks kek, index or hash");
  return ring;
}

ServiceKeys ServiceKeys::Generate() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  return {
      .keks = {{"k1", RandomBytes(kKeyBytes)}}, .newest = "k1", .index_key = RandomBytes(kKeyBytes), .hash_key = RandomBytes(kKeyBytes)};
}

DataKey::~DataKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

DataKey Sealer::NewDataKey() const { return DataKey(RandomBytes(kKeyBytes)); }

std::string Sealer::WrapKey(const DataKey& key, std::string_view person_id) const {
  return WithKek(keys_, "key:" + std::string(person_id), key.bytes());
}

DataKey Sealer::UnwrapKey(std::string_view wrapped, std::string_view person_id) const {
  return DataKey(OpenWithKek(keys_, "key:" + std::string(person_id), wrapped));
}

std::string Sealer::Seal(const DataKey& key, std::string_view place, std::string_view plain) {
  return ToBase64(Encrypt(key.bytes(), place, plain));
}

std::string Sealer::Open(const DataKey& key, std::string_view place, std::string_view sealed) {
  const auto bytes = FromBase64(sealed);
  if (!bytes) throw std::runtime_error("sealed value is not base64");
  return Decrypt(key.bytes(), place, *bytes);
}

std::string Sealer::SealForService(std::string_view place, std::string_view plain) const { return WithKek(keys_, place, plain); }
std::string Sealer::OpenForService(std::string_view place, std::string_view sealed) const { return OpenWithKek(keys_, place, sealed); }

std::string Sealer::BlindIndex(std::string_view kind, std::string_view value) const { return Keyed(keys_.index_key, kind, value); }
std::string Sealer::RequestHash(std::string_view bytes) const { return Keyed(keys_.hash_key, "request", bytes); }

std::string Sha256(std::string_view bytes) {
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(Bytes(out), Bytes(bytes), bytes.size());
  return ToHex(out);
}

}  // namespace renxin::privacy
