#pragma once
// Reading the gateway's JSON: int64 is a string there, and what is zero may be absent.

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace renxin::cli {

namespace json = boost::json;

// The text as an object; throws CliError (kFailed).
json::object ParseObject(std::string_view text);

std::int64_t Int(const json::object& object, std::string_view key);
std::string Text(const json::object& object, std::string_view key);
bool Flag(const json::object& object, std::string_view key);
// Empty when absent.
const json::array& List(const json::object& object, std::string_view key);
const json::object& Inner(const json::object& object, std::string_view key);

// An enum's value without its prefix, small: OPERATION_STATE_DONE → done for "OPERATION_STATE_".
std::string EnumText(const json::object& object, std::string_view key, std::string_view prefix);

}  // namespace renxin::cli
