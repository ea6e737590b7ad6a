#include "shared/db/rows_text.h"

namespace renxin::db {

std::string ValuesList(std::size_t columns, std::size_t rows, const std::vector<std::string_view>& types) {
  std::string out = " values ";
  out.reserve(rows * columns * 2 + 64);
  for (std::size_t r = 0; r < rows; ++r) {
    out += r == 0 ? "(" : ",(";
    for (std::size_t c = 0; c < columns; ++c) {
      if (c > 0) out += ',';
      out += r == 0 && !types.empty() ? "cast(? as " + std::string(types[c]) + ")" : "?";
    }
    out += ')';
  }
  return out;
}

void AppendElement(const Value& value, std::string* out) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    *out += std::to_string(*number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    *out += '"';
    std::size_t from = 0;
    for (std::size_t at = 0; at < text->size(); ++at) {
      if ((*text)[at] != '"' && (*text)[at] != '\\') continue;
      out->append(*text, from, at - from);
      *out += '\\';
      from = at;
    }
    out->append(*text, from, std::string::npos);
    *out += '"';
  } else {
    *out += "null";
  }
}

Arrays UnnestOf(const std::vector<std::vector<Value>>& rows, std::size_t at, std::size_t count,
                const std::vector<std::string_view>& types) {
  const std::size_t columns = rows[at].size();
  Arrays out;
  std::string select;
  std::string from;
  std::string names;
  for (std::size_t c = 0; c < columns; ++c) {
    const std::string name = "column" + std::to_string(c + 1);
    std::string type = types.empty() ? std::string() : std::string(types[c]);
    std::string array = "{";
    for (std::size_t r = at; r < at + count; ++r) {
      const Value& value = rows[r][c];
      if (r > at) array += ',';
      AppendElement(value, &array);
      if (type.empty() && !std::holds_alternative<std::monostate>(value)) {
        type = std::holds_alternative<std::int64_t>(value) ? "bigint" : "text";
      }
    }
    select += (c == 0 ? "" : ", ") + (type.empty() ? "null" : name);
    if (type.empty()) continue;
    from += (from.empty() ? "cast(:c" : ", cast(:c") + std::to_string(c) + " as " + type + "[])";
    names += (names.empty() ? "" : ", ") + name;
    out.values.emplace_back(array + "}");
  }
  out.sql = " select " + select + " from unnest(" + from + ") as u(" + names + ")";
  return out;
}

std::string KeyOf(const std::vector<Value>& row, std::size_t columns) {
  std::string key;
  for (std::size_t i = 0; i < columns; ++i) {
    std::string part;
    if (!std::holds_alternative<std::monostate>(row[i])) AppendElement(row[i], &part);
    key += std::to_string(part.size()) + ':' + part;
  }
  return key;
}

std::string InsertHead(const InsertSpec& spec) {
  std::string head = "insert into " + std::string(spec.table) + " (";
  for (std::size_t i = 0; i < spec.columns.size(); ++i) {
    if (i > 0) head += ", ";
    head += spec.columns[i];
  }
  return head + ')';
}

std::string HighestVersionStands(const InsertSpec& spec, std::string_view version_column) {
  std::string suffix = "on conflict (";
  for (std::size_t i = 0; i < spec.key_columns; ++i) suffix += (i == 0 ? "" : ", ") + std::string(spec.columns[i]);
  suffix += ") do update set ";
  for (std::size_t i = spec.key_columns; i < spec.columns.size(); ++i) {
    const std::string column(spec.columns[i]);
    suffix += (i == spec.key_columns ? "" : ", ") + column + " = excluded." + column;
  }
  const std::string version(version_column);
  return suffix + " where excluded." + version + " > " + std::string(spec.table) + "." + version;
}

}  // namespace renxin::db
