#include "shared/observe/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>

#include "shared/core/text.h"
#include "shared/core/time.h"

namespace renxin::observe {
namespace {

std::string g_service = "renxin";             // NOLINT: set once before the threads start
std::atomic<Level> g_level = Level::kInfo;    // NOLINT
thread_local const Trace* t_trace = nullptr;  // NOLINT

constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warn", "error"};

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", c);
      out += escape.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

void Append(std::string& out, std::string_view key, std::string_view value) {
  out += out.size() > 1 ? "," : "";
  AppendQuoted(out, key);
  out += ':';
  AppendQuoted(out, value);
}

}  // namespace

void ConfigureLog(std::string_view service, std::string_view level) {
  g_service = service;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == level) g_level = static_cast<Level>(i);
  }
}

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  std::string line = "{";
  Append(line, "ts", FormatTime(SystemNow()));
  Append(line, "level", kNames[static_cast<std::size_t>(level)]);
  Append(line, "service", g_service);
  Append(line, "msg", message);
  if (t_trace != nullptr) Append(line, "trace_id", t_trace->trace_id);
  for (const Field& field : fields) {
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      Append(line, field.key, *text);
      continue;
    }
    line += ',';
    AppendQuoted(line, field.key);
    line += ':';
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      line += std::to_string(*number);
    } else {
      line += std::get<bool>(field.value) ? "true" : "false";
    }
  }
  line += "}\n";
  // One write per line: lines of several threads never mix.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

Trace Trace::New() { return {ToHex(IdBytes(16)), ToHex(IdBytes(8))}; }

Trace Trace::FromHeader(std::string_view header) {
  const bool shaped = header.size() == 55 && header.substr(0, 3) == "00-" && header[35] == '-' && header[52] == '-';
  const std::string id(shaped ? header.substr(3, 32) : std::string_view{});
  if (!shaped || !FromHex(id) || id == std::string(32, '0')) return New();
  return {id, ToHex(IdBytes(8))};
}

std::string Trace::ToHeader() const { return "00-" + trace_id + "-" + span_id + "-01"; }

TraceScope::TraceScope(const Trace& trace) : before_(t_trace) { t_trace = &trace; }
TraceScope::~TraceScope() { t_trace = before_; }
const Trace* TraceScope::Current() { return t_trace; }

}  // namespace renxin::observe
