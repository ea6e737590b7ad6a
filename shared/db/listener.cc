#include "shared/db/listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "shared/db/session.h"
#include "shared/db/tx.h"
#include "shared/observe/log.h"

namespace renxin::db {
namespace {

// A connection that is dead without a word is found by its keepalives; this is for the rest.
constexpr int kLookAfterMs = 60'000;
constexpr int kPauseMs = 250;
constexpr int kPauseMaxMs = 8'000;

// Schema and concerns: services that share a database do not wake each other. `current_schema` has no blank.
Concerns Parse(std::string_view payload, std::string_view schema) {
  const std::size_t blank = payload.find(' ');
  if (blank == std::string_view::npos || payload.substr(0, blank) != schema) return {};
  std::uint8_t bits = 0;
  std::from_chars(payload.data() + blank + 1, payload.data() + payload.size(), bits);
  return Concerns::FromBits(bits);
}

}  // namespace

void NotifyReplicas(Tx& tx, Concerns concerns) {
  if (tx.dialect() == Dialect::kSqlite) return;
  tx.Select<std::string>("select cast(pg_notify('renxin', current_schema() || ' ' || cast(:concerns as text)) as text)",
                         {{"concerns", std::to_string(concerns.bits())}});
}

Listener::Listener(std::string url, std::function<void(Concerns)> heard) : url_(std::move(url)), heard_(std::move(heard)) {
  if (IsSqlite(url_)) return;
  stop_event_ = eventfd(0, EFD_CLOEXEC);
  if (stop_event_ < 0) throw std::runtime_error("eventfd failed");
  thread_ = std::thread([this] { Loop(); });
}

Listener::~Listener() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_event_, 1);
  thread_.join();
  close(stop_event_);
}

bool Listener::WaitFor(int socket, int timeout_ms) {
  std::array<pollfd, 2> waits{pollfd{stop_event_, POLLIN, 0}, pollfd{socket, POLLIN, 0}};
  poll(waits.data(), waits.size(), timeout_ms);  // a descriptor below zero is left out; interrupted, it is asked again
  return waits[0].revents == 0;
}

void Listener::Loop() {
  int pause = kPauseMs;
  while (WaitFor(-1, 0)) {
    try {
      ListenOnce(&pause);
    } catch (const DbError& error) {
      observe::Log(observe::Level::kWarn, "no notifications from other replicas, will go on", {{"code", error.code()}});
      if (!WaitFor(-1, pause)) return;
      pause = std::min(2 * pause, kPauseMaxMs);
    }
  }
}

void Listener::ListenOnce(int* pause) {
  Session session(url_);
  session.Listen();
  const std::string schema = std::get<0>(*Tx(session, true, Reads::kStatement).First<std::string>("select cast(current_schema() as text)"));
  *pause = kPauseMs;
  heard_(Concerns::All());
  while (WaitFor(session.socket(), kLookAfterMs)) {
    Concerns concerns;
    for (const std::string& payload : session.Notifications()) concerns.Add(Parse(payload, schema));
    if (!concerns.empty()) heard_(concerns);
  }
}

}  // namespace renxin::db
