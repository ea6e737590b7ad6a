#pragma once
// One structured JSON line per call on stderr. Fields are named by the caller; personal data never is one.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace renxin::observe {

enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError };

struct Field {
  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  template <class Int>
  requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>) Field(std::string_view k, Int v)
      : key(k), value(static_cast<std::int64_t>(v)) {}

  std::string_view key;
  std::variant<std::string, std::int64_t, bool> value;
};

// Once at start. `level`: debug, info, warn, error.
void ConfigureLog(std::string_view service, std::string_view level);
// Adds ts, level, service, msg and the trace id of the running TraceScope.
void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

// W3C trace context: from HTTP through NATS to the last consumer.
struct Trace {
  std::string trace_id;  // 32 hex digits
  std::string span_id;   // 16 hex digits

  static Trace New();
  // A malformed or missing header starts a new trace; a good one keeps the trace with a new span.
  static Trace FromHeader(std::string_view traceparent);
  std::string ToHeader() const;
};

// The trace that this thread works for.
class TraceScope {
 public:
  explicit TraceScope(const Trace& trace);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;
  static const Trace* Current();

 private:
  const Trace* before_;
};

}  // namespace renxin::observe
