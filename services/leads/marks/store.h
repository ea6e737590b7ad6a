#pragma once
// Whom nobody greets (N3): deceased, or marked for compassion. A mark may tell of somebody's health (G6): which one it is is a keyed
// index, and its history is sealed with the person's key.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/runtime/context.h"

namespace renxin::leads::marks {

// False when it stood so already.
bool Store(Tx& tx, const Environment& env, const std::string& customer_id, const std::string& mark, bool set);
std::set<std::string> Of(Tx& tx, const Environment& env, const std::string& customer_id);
// Of several customers, by customer.
std::map<std::string, std::set<std::string>> OfAll(Tx& tx, const Environment& env, const std::vector<std::string>& customer_ids);
// G5; `change` is in clear text on this side.
void AppendHistory(Tx& tx, const Environment& env, db::Change change);
std::vector<db::Change> HistoryOf(Tx& tx, const Environment& env, const std::string& customer_id);

}  // namespace renxin::leads::marks
