#pragma once
#include "shared/intake/engine.h"

namespace renxin::common::v1 {
class Chunk;
class Empty;
}  // namespace renxin::common::v1

namespace renxin::intake {

// The type of its operations.
inline constexpr const char* kImportType = "import";

// Holds the operation: whoever ends it (a cancel, the finish) comes before the piece, which is refused, or after it and deletes it.
Result<common::v1::Empty> UploadChunk(Tx& tx, const CallContext& ctx, const common::v1::Chunk& req);

// The rpcs of ImportService; `engine` must outlive the service.
void InstallHandlers(runtime::Service& service, const Engine& engine);

// What an import adds to its operation.
void DescribeImport(Tx& tx, const operations::Operation& op, operations::v1::Operation* out);

}  // namespace renxin::intake
