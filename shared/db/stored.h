#pragma once
// What a service stored as text of a message or of a day, read again. A row that cannot be read fails that row
// alone: it is counted (renxin_unreadable_rows_total), logged with its id, and left out by whoever reads it.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/time.h"

namespace google::protobuf {
class MessageLite;
}

namespace renxin::db {

struct UnreadableRow {
  std::string table;
  std::string id;
  auto operator<=>(const UnreadableRow&) const = default;
};

// Counts and logs one; `found`, where given, gets it too, for an answer that has to say what it lacks.
void ReportUnreadable(std::string_view table, std::string_view id, std::vector<UnreadableRow>* found = nullptr);

// False for what is no base64 of such a message.
bool ParseBody(std::string_view body, google::protobuf::MessageLite* message);

// The message behind a stored body; reported and nothing when it cannot be read.
template <class Message>
std::optional<Message> ReadBody(std::string_view table, std::string_view id, std::string_view body,
                                std::vector<UnreadableRow>* found = nullptr) {
  Message message;
  if (ParseBody(body, &message)) return message;
  ReportUnreadable(table, id, found);
  return std::nullopt;
}
// The same for days and months.
std::optional<Day> ReadDay(std::string_view table, std::string_view id, std::string_view day, std::vector<UnreadableRow>* found = nullptr);
std::optional<Month> ReadMonth(std::string_view table, std::string_view id, std::string_view month,
                               std::vector<UnreadableRow>* found = nullptr);

}  // namespace renxin::db
