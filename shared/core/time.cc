#include "shared/core/time.h"

#include <date/tz.h>

#include <array>
#include <cstdio>

namespace renxin {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// Reads exactly `digits` digits at `at`; -1 when they are not there.
int Digits(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

Error Bad(std::string_view what) { return InvalidField("", "format", what); }

std::int64_t FloorDiv(std::int64_t a, std::int64_t b) { return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0); }

struct Tail {
  std::int64_t micros = 0;
  std::int64_t offset = 0;  // micros ahead of UTC
};

// The fraction behind the seconds and the offset behind it; `at` stands after the seconds.
Result<Tail> ParseTail(std::string_view text, std::size_t at) {
  std::int64_t micros = 0;
  if (at < text.size() && text[at] == '.') {
    std::int64_t unit = kMicrosPerSecond / 10;
    const std::size_t first = ++at;
    // What is finer than a microsecond is cut.
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) micros += (text[at] - '0') * unit;
    if (at == first) return Bad("not a time: decimals of a second are missing");
  }
  if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) return Tail{micros, 0};
  if (at + 6 != text.size() || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':') {
    return Bad("not a time: an offset such as +08:00 or Z must follow");
  }
  const int hours = Digits(text, at + 1, 2);
  const int minutes = Digits(text, at + 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Bad("not a time: impossible offset");
  const std::int64_t offset = (hours * 60 + minutes) * 60 * kMicrosPerSecond;
  return Tail{micros, text[at] == '+' ? offset : -offset};
}

}  // namespace

Instant SystemNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

Result<Day> ParseDay(std::string_view text) {
  const int y = Digits(text, 0, 4);
  const int m = Digits(text, 5, 2);
  const int d = Digits(text, 8, 2);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || y < 0 || m < 0 || d < 0) return Bad("not a date: YYYY-MM-DD is expected");
  const year_month_day ymd{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (!ymd.ok() || y < 1800) return Bad("no such day");
  return Day{static_cast<std::int32_t>(sys_days{ymd}.time_since_epoch().count())};
}

Result<Instant> ParseTime(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return Bad("not a time: RFC 3339 with an offset is expected");
  ASSIGN_OR_RETURN(const Day day, ParseDay(text.substr(0, 10)));
  const int h = Digits(text, 11, 2);
  const int m = Digits(text, 14, 2);
  const int s = Digits(text, 17, 2);
  if (text[13] != ':' || text[16] != ':' || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
    return Bad("not a time: impossible hour, minute or second");
  ASSIGN_OR_RETURN(const Tail tail, ParseTail(text, 19));
  // A leap second is the last microsecond of its minute: it stays in its day and its month.
  const std::int64_t seconds = s == 60 ? 59 : s;
  const std::int64_t micros = s == 60 ? kMicrosPerSecond - 1 : tail.micros;
  return Instant{day.number * kMicrosPerDay + ((h * 60 + m) * 60 + seconds) * kMicrosPerSecond + micros - tail.offset};
}

std::string FormatTime(Instant t) {
  const std::int64_t days = FloorDiv(t.micros, kMicrosPerDay);
  const std::int64_t rest = t.micros - days * kMicrosPerDay;
  const std::int64_t seconds = rest / kMicrosPerSecond;
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "T%02d:%02d:%02d", static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                static_cast<int>(seconds % 60));
  std::string text = FormatDay({static_cast<std::int32_t>(days)}) + out.data();
  if (const auto micros = static_cast<int>(rest % kMicrosPerSecond); micros != 0) {
    std::snprintf(out.data(), out.size(), ".%06d", micros);
    text += out.data();
  }
  return text + 'Z';
}

void SplitDay(Day d, int* y, int* m, int* dd) {
  const year_month_day ymd{sys_days{std::chrono::days{d.number}}};
  *y = static_cast<int>(ymd.year());
  *m = static_cast<int>(static_cast<unsigned>(ymd.month()));
  *dd = static_cast<int>(static_cast<unsigned>(ymd.day()));
}

Day MakeDay(int y, int m, int d) {
  const year_month_day ymd{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  return {static_cast<std::int32_t>(sys_days{ymd}.time_since_epoch().count())};
}

std::string FormatDay(Day d) {
  int y = 0;
  int m = 0;
  int dd = 0;
  SplitDay(d, &y, &m, &dd);
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02d-%02d", y, m, dd);
  return out.data();
}

Result<Month> ParseMonth(std::string_view text) {
  const int y = Digits(text, 0, 4);
  const int m = Digits(text, 5, 2);
  if (text.size() != 7 || text[4] != '-' || y < 1800 || m < 1 || m > 12) return Bad("not a month: YYYY-MM is expected");
  return Month{y * 12 + m - 1};
}

std::string FormatMonth(Month m) {
  std::array<char, 24> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02d", m.number / 12, m.number % 12 + 1);
  return out.data();
}

Month MonthOf(Day d) {
  int y = 0;
  int m = 0;
  int dd = 0;
  SplitDay(d, &y, &m, &dd);
  return {y * 12 + m - 1};
}

Day FirstDay(Month m) { return MakeDay(m.number / 12, m.number % 12 + 1, 1); }

Zone::Zone(std::string_view name) : name_(name), zone_(date::locate_zone(name_)) {}

Day Zone::DayOf(Instant t) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const auto info = zone->get_info(date::sys_seconds{std::chrono::seconds{FloorDiv(t.micros, kMicrosPerSecond)}});
  const std::int64_t local = t.micros + info.offset.count() * kMicrosPerSecond;
  return {static_cast<std::int32_t>(FloorDiv(local, kMicrosPerDay))};
}

Instant Zone::StartOf(Day d) const { return At(d, 0); }

Instant Zone::At(Day d, int minute) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const date::local_seconds local{std::chrono::seconds{std::int64_t{d.number} * 86'400 + std::int64_t{minute} * 60}};
  const auto sys = zone->to_sys(local, date::choose::earliest);
  return {sys.time_since_epoch().count() * kMicrosPerSecond};
}

}  // namespace renxin
