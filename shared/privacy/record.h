#pragma once
// A record with personal data at rest (G6): its fields are sealed one by one under the data key of the person they are about, each
// bound to its table, column and row. Whoever stores a person uses this, so that a name is sealed in one way everywhere.

#include <string>
#include <string_view>

#include "shared/privacy/seal.h"

namespace renxin::privacy {

class SealedRecord {
 public:
  // A new person: a fresh data key, wrapped for the service and bound to `person_id`, which is the row's id too.
  static SealedRecord New(const Sealer& sealer, std::string_view table, std::string person_id);
  // A stored one. Throws std::runtime_error when the key was altered or its key-encryption key is gone.
  static SealedRecord Load(const Sealer& sealer, std::string_view table, std::string person_id, std::string wrapped_key);
  // A row of another table about the same person, under the same data key.
  SealedRecord Row(std::string_view table, std::string row_id) &&;

  // The data key as it is stored beside the fields.
  const std::string& wrapped_key() const { return wrapped_key_; }
  // Empty stays empty, which a store writes as null.
  std::string Seal(std::string_view column, std::string_view plain) const;
  // Throws std::runtime_error when it was altered or belongs to another field.
  std::string Open(std::string_view column, std::string_view sealed) const;
  // Texts of the record's history that tell of the person's health (G6).
  std::string SealHistory(std::string_view plain) const;
  std::string OpenHistory(std::string_view sealed) const;

 private:
  SealedRecord(std::string_view table, std::string row_id, DataKey key, std::string wrapped_key)
      : table_(table), row_id_(std::move(row_id)), key_(std::move(key)), wrapped_key_(std::move(wrapped_key)) {}
  std::string ContextOf(std::string_view column) const;

  std::string table_;
  std::string row_id_;
  DataKey key_;
  std::string wrapped_key_;
};

}  // namespace renxin::privacy
