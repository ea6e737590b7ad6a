#include "shared/privacy/record.h"

namespace renxin::privacy {

SealedRecord SealedRecord::New(const Sealer& sealer, std::string_view table, std::string person_id) {
  DataKey key = sealer.NewDataKey();
  std::string wrapped = sealer.WrapKey(key, person_id);
  return {table, std::move(person_id), std::move(key), std::move(wrapped)};
}

SealedRecord SealedRecord::Load(const Sealer& sealer, std::string_view table, std::string person_id, std::string wrapped_key) {
  DataKey key = sealer.UnwrapKey(wrapped_key, person_id);
  return {table, std::move(person_id), std::move(key), std::move(wrapped_key)};
}

SealedRecord SealedRecord::Row(std::string_view table, std::string row_id) && {
  table_ = table;
  row_id_ = std::move(row_id);
  return std::move(*this);
}

std::string SealedRecord::ContextOf(std::string_view column) const { return table_ + "." + std::string(column) + ":" + row_id_; }

std::string SealedRecord::Seal(std::string_view column, std::string_view plain) const {
  return plain.empty() ? std::string() : Sealer::Seal(key_, ContextOf(column), plain);
}

std::string SealedRecord::Open(std::string_view column, std::string_view sealed) const {
  return sealed.empty() ? std::string() : Sealer::Open(key_, ContextOf(column), sealed);
}

std::string SealedRecord::SealHistory(std::string_view plain) const { return Sealer::Seal(key_, "history:" + row_id_, plain); }
std::string SealedRecord::OpenHistory(std::string_view sealed) const { return Sealer::Open(key_, "history:" + row_id_, sealed); }

}  // namespace renxin::privacy
