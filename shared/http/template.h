#pragma once
// Path templates after Google's AIP habits (`/v1/things/{id}:close`, `/openapi.json`) and the table that
// finds the one a path belongs to.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/result.h"

namespace renxin::http {

// A request's path, percent-decoded once. The verb is what follows the last ':' of the last raw segment, so
// a ':' inside a value has to be sent as %3A.
struct RequestPath {
  std::vector<std::string> segments;
  std::string verb;
};

// Refuses (kMalformedRequest) bad escapes, %2f, %5c, %00, dot segments, and what is no clean UTF-8 once decoded.
Result<RequestPath> ParsePath(std::string_view raw_path);

struct Match {
  enum class Outcome { kFound, kNoPath, kNoMethod };
  Outcome outcome = Outcome::kNoPath;
  int route = -1;                                              // as given to Add
  std::vector<std::pair<std::string, std::string>> variables;  // decoded, none empty
  std::vector<std::string> allowed;                            // kNoMethod: methods that the path has
};

// Filled once, then only read: any number of threads may match.
class RouteTable {
 public:
  RouteTable();
  ~RouteTable();
  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;

  // Throws std::invalid_argument for a template that is none and for a method and shape that are taken.
  void Add(std::string_view method, std::string_view path_template, int route);
  // A literal wins over a variable.
  Match Find(std::string_view method, const RequestPath& path) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace renxin::http
