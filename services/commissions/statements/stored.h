#pragma once
// A statement as the contract has it, which is also how it is frozen.

#include <optional>
#include <string>
#include <vector>

#include "services/commissions/statements/statement.h"
#include "shared/db/stored.h"

namespace renxin::commissions::v1 {
class Statement;
class StatementSource;
class StatementTotal;
}  // namespace renxin::commissions::v1

namespace renxin::commissions::statements {

void ToProto(const Statement& statement, v1::Statement* out);
void ToProto(const Source& source, v1::StatementSource* out);
// A row of the list of a period.
void ToProto(const Statement& statement, v1::StatementTotal* out);

// Bodies as they are kept.
std::string BodyOf(const Statement& statement);
std::string BodyOf(const Source& source);
// What cannot be read is nothing, and listed in `unreadable` under `id`.
std::optional<Statement> ReadStatement(const std::string& id, const std::string& body, std::vector<db::UnreadableRow>* unreadable);
std::optional<Source> ReadSource(const std::string& id, const std::string& body, std::vector<db::UnreadableRow>* unreadable);

}  // namespace renxin::commissions::statements
