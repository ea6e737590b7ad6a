#pragma once
// The interface as an OpenAPI 3.1 document, from the routes and the comments of the .proto files.

#include <string>

#include "services/gateway/routes/routes.h"

namespace renxin::gateway {

std::string OpenApiDocument(const Routes& routes);

}  // namespace renxin::gateway
