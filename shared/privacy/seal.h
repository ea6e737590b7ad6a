#pragma once
// Personal data at rest (G6): every person has a data key; it is itself sealed with the service's
// key-encryption key. XChaCha20-Poly1305; what belongs where is bound in as additional data, so that
// a value moved to another row or column does not open. Destroying the data key erases the person.

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace renxin::privacy {

// The keys of one service, from its key file: `kek <id> <64 hex>` (the last is used for new data),
// `index <64 hex>`, `hash <64 hex>`. Throws std::runtime_error naming the line when it is malformed.
struct ServiceKeys {
  std::map<std::string, std::string> keks;
  std::string newest;
  std::string index_key;
  std::string hash_key;

  static ServiceKeys Load(const std::string& path);
  // Fresh keys, for tests.
  static ServiceKeys Generate();
};

// An opened data key. Kept in memory as short as possible; wiped at the end.
class DataKey {
 public:
  explicit DataKey(std::string bytes) : bytes_(std::move(bytes)) {}
  DataKey(DataKey&&) = default;
  DataKey& operator=(DataKey&&) = default;
  DataKey(const DataKey&) = delete;
  DataKey& operator=(const DataKey&) = delete;
  ~DataKey();
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Thread-safe: holds keys only.
class Sealer {
 public:
  explicit Sealer(ServiceKeys keys) : keys_(std::move(keys)) {}

  DataKey NewDataKey() const;
  // The data key as it is stored, bound to the person's id.
  std::string WrapKey(const DataKey& key, std::string_view person_id) const;
  // Throws std::runtime_error when it was changed or its key-encryption key is gone.
  DataKey UnwrapKey(std::string_view wrapped, std::string_view person_id) const;

  // `place` is table.column:row.
  static std::string Seal(const DataKey& key, std::string_view place, std::string_view plain);
  static std::string Open(const DataKey& key, std::string_view place, std::string_view sealed);

  // For what belongs to no single person (uploads, stored answers): under the service's own key.
  std::string SealForService(std::string_view place, std::string_view plain) const;
  std::string OpenForService(std::string_view place, std::string_view sealed) const;

  // Keyed, for exact look-up of one kind of value (`phone`): 64 hex digits.
  std::string BlindIndex(std::string_view kind, std::string_view value) const;
  // Keyed hash of a request, so that a stolen table does not tell who asked for what.
  std::string RequestHash(std::string_view bytes) const;

 private:
  ServiceKeys keys_;
};

// Unkeyed SHA-256, hex.
std::string Sha256(std::string_view bytes);

}  // namespace renxin::privacy
