#include "shared/bus/nats_loop.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace renxin::bus {
namespace {

// Inside the library by a way of ours: whoever called will flush.
thread_local int t_inside = 0;

struct Inside {
  Inside() { ++t_inside; }
  ~Inside() { --t_inside; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

}  // namespace

NatsLoop::NatsLoop(std::function<void()> arrived) : arrived_(std::move(arrived)), wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (wake_fd_ < 0) throw std::runtime_error("no descriptor is left for the connection to nats");
  thread_ = std::thread([this] { Run(); });
}

void NatsLoop::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  Wake();
  thread_.join();
  ::close(wake_fd_);
}

natsStatus NatsLoop::Install(natsOptions* options) {
  return natsOptions_SetEventLoop(options, this, &NatsLoop::OnAttach, &NatsLoop::OnRead, &NatsLoop::OnWrite, &NatsLoop::OnDetach);
}

natsStatus NatsLoop::Publish(natsConnection* connection, natsMsg* message) {
  const Inside inside;
  return natsConnection_PublishMsg(connection, message);
}

void NatsLoop::Flush() {
  const std::scoped_lock lock(write_mutex_);
  natsConnection* connection = connection_;
  if (!wanted_ || connection == nullptr) return;
  {
    const Inside inside;
    natsConnection_ProcessWriteEvent(connection);
  }
  const bool rest = wanted_;
  if (stalled_.exchange(rest) != rest && rest) Wake();
}

void NatsLoop::FlushSoon() {
  if (wanted_) Wake();
}

void NatsLoop::Wake() {
  if (wake_sent_.exchange(true)) return;
  const std::uint64_t one = 1;
  // Cannot fail: a counter of one is far from its end.
  [[maybe_unused]] const ssize_t written = ::write(wake_fd_, &one, sizeof one);
}

bool NatsLoop::ReplaceSocket(Socket* socket) {
  const std::scoped_lock lock(change_mutex_);
  if (!std::exchange(changed_, false)) return false;
  if (socket->fd >= 0) ::close(socket->fd);
  *socket = std::exchange(next_, {});
  return true;
}

void NatsLoop::Wait(const Socket& socket, bool* readable, bool* writable) {
  std::array<pollfd, 2> watched{{{wake_fd_, POLLIN, 0}, {socket.fd, POLLIN, 0}}};  // poll passes over a negative one
  if (stalled()) watched[1].events |= POLLOUT;
  if (::poll(watched.data(), watched.size(), -1) < 0) return;  // interrupted
  if (watched[0].revents != 0) {
    std::uint64_t count = 0;
    wake_sent_ = false;
    [[maybe_unused]] const ssize_t got = ::read(wake_fd_, &count, sizeof count);
  }
  *readable = (watched[1].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
  *writable = (watched[1].revents & POLLOUT) != 0;
}

void NatsLoop::Run() {
  Socket socket;
  while (!stopping_) {
    bool readable = false;
    bool writable = false;
    Wait(socket, &readable, &writable);
    // What was readable is the socket of before. What the library has written to the new one meanwhile, its subscriptions, still leaves
    // below: the wake for it may have been the one for the change.
    if (ReplaceSocket(&socket)) readable = false;
    if (readable) {
      {
        const Inside inside;
        natsConnection_ProcessReadEvent(socket.connection);
      }
      arrived_();
    }
    // Also what a read made the library answer, and what was published on this thread.
    if (!stalled() || writable) Flush();
  }
  if (socket.fd >= 0) ::close(socket.fd);
}

void NatsLoop::Change(Socket to) {
  {
    const std::scoped_lock lock(change_mutex_);
    if (next_.fd >= 0) ::close(next_.fd);  // came and went before the loop took it
    next_ = to;
    changed_ = true;
  }
  Wake();
}

// The callbacks run with the library's lock held: they note, and do not call it.
natsStatus NatsLoop::OnAttach(void** data, void* loop, natsConnection* connection, natsSock socket) {
  auto* self = static_cast<NatsLoop*>(loop);
  *data = loop;
  const int own = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return NATS_ERR;
  self->connection_ = connection;
  self->wanted_ = false;
  self->stalled_ = false;
  self->Change({connection, own});
  return NATS_OK;
}

natsStatus NatsLoop::OnRead(void* data, bool add) {
  if (!add) static_cast<NatsLoop*>(data)->Change({});
  return NATS_OK;
}

natsStatus NatsLoop::OnWrite(void* data, bool add) {
  auto* self = static_cast<NatsLoop*>(data);
  self->wanted_ = add;
  if (!add) self->stalled_ = false;
  // The library's own doing, such as the ping of its timer.
  if (add && t_inside == 0) self->Wake();
  return NATS_OK;
}

natsStatus NatsLoop::OnDetach(void* data) { return OnRead(data, false); }

}  // namespace renxin::bus
