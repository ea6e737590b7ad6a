#include "shared/db/pipeline.h"

#include <optional>

#include "shared/db/translate.h"

namespace renxin::db {

Pipeline::Pipeline(PGconn* connection) : connection_(connection) {
  if (PQenterPipelineMode(connection_) != 1) throw DbError(ErrorKind::kLost, "pipeline");
}

Pipeline::~Pipeline() {
  // An exception between two statements: the end is still to be sent.
  if (!synced_ && sent_ > 0) synced_ = PQpipelineSync(connection_) == 1;
  while (synced_) {
    const Result result = Next();
    if (lost()) break;
    if (result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) synced_ = false;
  }
  PQexitPipelineMode(connection_);
}

void Pipeline::Check(int sent) {
  if (sent != 1) throw DbError(ErrorKind::kLost, "pipeline");
  ++sent_;
}

void Pipeline::Send(const char* command) { Check(PQsendQueryParams(connection_, command, 0, nullptr, nullptr, nullptr, nullptr, 0)); }

void Pipeline::SendPrepared(const std::string& name, const std::vector<const char*>& values) {
  Check(PQsendQueryPrepared(connection_, name.c_str(), static_cast<int>(values.size()), values.data(), nullptr, nullptr, 0));
}

// libpq ends the results of every statement with one null pointer; the end of the pipeline has none.
Pipeline::Result Pipeline::Next() {
  Result result(PQgetResult(connection_), &PQclear);
  nulls_ = result ? 0 : nulls_ + 1;
  return result;
}

// Where the server ended the session and libpq noticed it as it sent, the connection passes for sound and has null pointers without end.
bool Pipeline::lost() const { return nulls_ > 1 || PQstatus(connection_) != CONNECTION_OK; }

void Pipeline::Finish(const std::function<void(std::size_t index, PGresult* result)>& each) {
  if (PQpipelineSync(connection_) != 1) throw DbError(ErrorKind::kLost, "pipeline");
  synced_ = true;
  std::optional<DbError> failed;
  for (std::size_t at = 0; synced_;) {
    const Result result = Next();
    if (lost()) throw DbError(ErrorKind::kLost, "pipeline");
    if (!result) {
      ++at;
      continue;
    }
    switch (PQresultStatus(result.get())) {
      case PGRES_PIPELINE_SYNC:
        synced_ = false;
        break;
      case PGRES_COMMAND_OK:
      case PGRES_TUPLES_OK:
        if (!failed) each(at, result.get());
        break;
      case PGRES_PIPELINE_ABORTED:
        break;
      default: {
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        if (!failed) failed.emplace(state == nullptr ? ErrorKind::kLost : KindOfState(state), state == nullptr ? "pipeline" : state);
      }
    }
  }
  if (failed) throw DbError(*failed);
}

}  // namespace renxin::db
