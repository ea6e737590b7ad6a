#pragma once
// Every version of every template.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/notifications/templates/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::notifications::templates {

struct Row {
  std::string id;
  std::int64_t version = 0;
  Template text;
  std::string created_by;
  Instant created_at;
};

// Until the commit nobody else adds a version of this code.
void HoldCode(Tx& tx, const std::string& code);
// The next version of its code, which is held.
Row Insert(Tx& tx, const Template& text, const std::string& by, Instant now);
std::optional<Row> Get(Tx& tx, const std::string& id);
// By code, newest version first. `code` empty: all.
inline const contract::List kTemplateList{"templates", {contract::KeyPart::kText, contract::KeyPart::kNumber}};
contract::Paged<Row> List(Tx& tx, const std::string& code, const contract::Page& page);
// The highest version of each code.
std::map<std::string, Row> Current(Tx& tx, const std::vector<std::string>& codes);
std::vector<std::string> CodesOfKind(Tx& tx, const std::string& kind);
// The birthday template a new hospital has.
void SeedDefaults(Tx& tx, const TimerContext& ctx);

}  // namespace renxin::notifications::templates
