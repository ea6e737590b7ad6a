#pragma once
// What one replica tells the others: LISTEN and NOTIFY of PostgreSQL. It says that there is work, never what: whoever hears it looks
// into its tables, and whoever hears nothing finds it with the next poll.

#include <functional>
#include <string>
#include <thread>

#include "shared/db/wake.h"

namespace renxin::db {

class Tx;

// Within the transaction, heard after its commit by every listener on these tables, this process's own included. PostgreSQL serialises
// the commits of transactions that notify: it is for what is rare. Nothing on SQLite, which has one process.
void NotifyReplicas(Tx& tx, Concerns concerns);

// One connection that listens, and its thread. `heard` is called on that thread and must not block: with what was notified, and with
// everything after each connect, as what was notified before it was missed. On SQLite nothing is ever heard.
class Listener {
 public:
  Listener(std::string url, std::function<void(Concerns)> heard);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  void Loop();
  // Until the listener ends; throws DbError when the connection is lost. Listening sets the pause before the next try back.
  void ListenOnce(int* pause);
  // False when the listener ends.
  bool WaitFor(int socket, int timeout_ms);

  std::string url_;
  std::function<void(Concerns)> heard_;
  int stop_event_ = -1;
  std::thread thread_;
};

}  // namespace renxin::db
