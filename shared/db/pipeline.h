#pragma once
// Several statements of PostgreSQL in one round trip: libpq's pipeline mode, on the connection that SOCI has opened. SOCI knows no such
// thing (docs/adr/0019-pipelines-beside-soci.md). Used by statements.cc alone.

#include <libpq-fe.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace renxin::db {

class Pipeline {
 public:
  // Throws DbError{kLost} when the connection is not free for it.
  explicit Pipeline(PGconn* connection);
  // Reads what is left, so that the connection can be used again.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // A command without parameters.
  void Send(const char* command);
  // A statement that the server has prepared; a null pointer is NULL. The values are copied.
  void SendPrepared(const std::string& name, const std::vector<const char*>& values);
  // Sends what was not sent yet and reads the results in their order. Throws DbError for the first one that failed; those after it were
  // not run.
  void Finish(const std::function<void(std::size_t index, PGresult* result)>& each);

  // Beyond so many bytes of parameters the statements are run one by one: the server may be writing results while we still send.
  static constexpr std::size_t kBytesMax = 48 * 1024;

 private:
  using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
  void Check(int sent);
  Result Next();
  bool lost() const;

  PGconn* connection_;
  std::size_t sent_ = 0;
  std::size_t nulls_ = 0;  // that came one after the other
  bool synced_ = false;  // the end has been sent and not been read yet
};

}  // namespace renxin::db
