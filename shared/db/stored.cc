#include "shared/db/stored.h"

#include <google/protobuf/message.h>
#include <algorithm>

#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"

namespace renxin::db {

void ReportUnreadable(std::string_view table, std::string_view id, std::vector<UnreadableRow>* found) {
  observe::Count("renxin_unreadable_rows_total", {{"table", std::string(table)}});
  observe::Log(observe::Level::kError, "a stored row cannot be read", {{"table", table}, {"id", id}});
  if (found == nullptr) return;
  UnreadableRow row{std::string(table), std::string(id)};
  if (std::find(found->begin(), found->end(), row) == found->end()) found->push_back(std::move(row));
}

bool ParseBody(std::string_view body, google::protobuf::MessageLite* message) {
  const auto bytes = FromBase64(body);
  return bytes && message->ParseFromString(*bytes);
}

std::optional<Day> ReadDay(std::string_view table, std::string_view id, std::string_view day, std::vector<UnreadableRow>* found) {
  if (const auto read = ParseDay(day)) return *read;
  ReportUnreadable(table, id, found);
  return std::nullopt;
}

std::optional<Month> ReadMonth(std::string_view table, std::string_view id, std::string_view month, std::vector<UnreadableRow>* found) {
  if (const auto read = ParseMonth(month)) return *read;
  ReportUnreadable(table, id, found);
  return std::nullopt;
}

}  // namespace renxin::db
