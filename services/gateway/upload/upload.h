#pragma once
// The pieces of a file on their way to its owner.

#include <cstdint>
#include <string>
#include <string_view>

namespace renxin::gateway {

inline constexpr std::size_t kChunkBytes = 128 * 1024;

// A serialized renxin.common.v1.Chunk with the hash of its data.
std::string ChunkMessage(const std::string& upload_id, std::int64_t offset, std::string data);
// A serialized renxin.common.v1.UploadRef.
std::string FinishMessage(const std::string& upload_id, std::int64_t size);

}  // namespace renxin::gateway
