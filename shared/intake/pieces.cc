#include "shared/intake/pieces.h"

#include <utility>

namespace renxin::intake {

std::string Pieces::From(Tx& tx, const Environment& env, const std::string& upload, std::int64_t offset) {
  {
    const std::scoped_lock lock(mutex_);
    const std::int64_t skip = offset - start_;
    if (upload_ == upload && skip >= 0 && skip < static_cast<std::int64_t>(data_.size()))
      return data_.substr(static_cast<std::size_t>(skip));
  }
  auto row = tx.First<std::int64_t, std::string>(
      "select start_offset, data from upload_chunks where upload_id = :id and start_offset <= :offset order by start_offset desc limit 1",
      {{"id", upload}, {"offset", offset}});
  if (!row) return {};
  const auto& [start, sealed] = *row;
  std::string data = env.sealer.OpenForService("upload_chunks:" + upload + ":" + std::to_string(start), sealed);
  const auto skip = static_cast<std::size_t>(offset - start);
  std::string out = skip >= data.size() ? std::string() : data.substr(skip);
  const std::scoped_lock lock(mutex_);
  upload_ = upload;
  start_ = start;
  data_ = std::move(data);
  return out;
}

void Pieces::Forget(const std::string& upload) {
  const std::scoped_lock lock(mutex_);
  if (upload_ != upload) return;
  upload_.clear();
  std::string().swap(data_);
}

}  // namespace renxin::intake
