#include "shared/http/template.h"

#include <algorithm>
#include <stdexcept>

#include "shared/core/text.h"
#include "shared/http/problem.h"
#include "shared/http/query.h"

namespace renxin::http {
namespace {

struct Leaf {
  int route;
  std::vector<std::string> names;  // of the variables, in the order of the path
};

bool IsName(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); });
}

bool IsLiteral(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

}  // namespace

struct RouteTable::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> variable;
  std::map<std::string, std::map<std::string, Leaf, std::less<>>, std::less<>> leaves;  // verb → method → leaf
};

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;

void RouteTable::Add(std::string_view method, std::string_view path_template, int route) {
  const std::string shown = std::string(method) + " " + std::string(path_template);
  if (!path_template.starts_with('/')) {
    throw std::invalid_argument(shown + ": a template starts with '/'");
  }
  std::string verb;
  const auto colon = path_template.find(':');
  if (colon != std::string_view::npos) {
    verb = std::string(path_template.substr(colon + 1));
    path_template = path_template.substr(0, colon);
    if (!IsLiteral(verb)) {
      throw std::invalid_argument(shown + ": a verb is letters at the end");
    }
  }
  Node* node = root_.get();
  Leaf leaf{.route = route, .names = {}};
  for (const auto& segment : SplitText(path_template.substr(1), '/')) {
    const bool variable = segment.starts_with('{') && segment.ends_with('}');
    const std::string name = variable ? segment.substr(1, segment.size() - 2) : segment;
    if (variable ? !IsName(name) : !IsLiteral(name)) {
      throw std::invalid_argument(shown + ": '" + segment + "' is neither a literal nor {field}");
    }
    auto& next = variable ? node->variable : node->literals[name];
    if (variable) {
      leaf.names.push_back(name);
    }
    if (!next) {
      next = std::make_unique<Node>();
    }
    node = next.get();
  }
  if (!node->leaves[verb].emplace(std::string(method), std::move(leaf)).second) {
    throw std::invalid_argument(shown + " is there twice");
  }
}

Match RouteTable::Find(std::string_view method, const RequestPath& path) const {
  // A position in the path is a depth in the tree, so every node is visited at most once.
  struct Step {
    const Node* node;
    std::size_t depth;
    std::vector<std::string> values;
  };
  std::vector<Step> open{{root_.get(), 0, {}}};
  Match match;
  while (!open.empty()) {
    Step step = std::move(open.back());
    open.pop_back();
    if (step.depth < path.segments.size()) {
      const std::string& segment = path.segments[step.depth];
      if (step.node->variable && !segment.empty()) {
        Step next{step.node->variable.get(), step.depth + 1, step.values};
        next.values.push_back(segment);
        open.push_back(std::move(next));
      }
      if (const auto it = step.node->literals.find(segment); it != step.node->literals.end()) {
        open.push_back({it->second.get(), step.depth + 1, std::move(step.values)});  // on top: tried first
      }
      continue;
    }
    const auto methods = step.node->leaves.find(path.verb);
    if (methods == step.node->leaves.end()) {
      continue;
    }
    const auto leaf = methods->second.find(method);
    if (leaf == methods->second.end()) {
      match.outcome = Match::Outcome::kNoMethod;
      for (const auto& [name, unused] : methods->second) {
        match.allowed.push_back(name);
      }
      continue;
    }
    match.outcome = Match::Outcome::kFound;
    match.route = leaf->second.route;
    for (std::size_t i = 0; i < step.values.size(); ++i) {
      match.variables.emplace_back(leaf->second.names[i], std::move(step.values[i]));
    }
    match.allowed.clear();
    return match;
  }
  std::sort(match.allowed.begin(), match.allowed.end());
  match.allowed.erase(std::unique(match.allowed.begin(), match.allowed.end()), match.allowed.end());
  return match;
}

Result<RequestPath> ParsePath(std::string_view raw_path) {
  if (!raw_path.starts_with('/')) {
    return Malformed("a path starts with '/'");
  }
  RequestPath path;
  const auto slash = raw_path.rfind('/');
  const auto colon = raw_path.rfind(':');
  if (colon != std::string_view::npos && colon > slash) {
    path.verb = std::string(raw_path.substr(colon + 1));
    raw_path = raw_path.substr(0, colon);
  }
  for (const auto& raw : SplitText(raw_path.substr(1), '/')) {
    auto segment = PercentDecode(raw, false);
    if (!segment || segment->find_first_of("/\\") != std::string::npos || *segment == "." || *segment == "..") {
      return Malformed("the path holds what may not be in one");
    }
    path.segments.push_back(std::move(*segment));
  }
  return path;
}

}  // namespace renxin::http
