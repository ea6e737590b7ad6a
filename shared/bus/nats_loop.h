#pragma once
// Reads and writes the socket of nats.c in our own way (docs/adr/0018-the-socket-of-nats.md): one thread waits for it and hands on what
// arrived; who publishes writes by himself, and what several messages have in the buffer leaves in one write.

#include <nats/nats.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace renxin::bus {

class NatsLoop {
 public:
  // `arrived` is called on the thread after every read: the messages wait in their subscriptions.
  explicit NatsLoop(std::function<void()> arrived);
  ~NatsLoop() { Stop(); }
  NatsLoop(const NatsLoop&) = delete;
  NatsLoop& operator=(const NatsLoop&) = delete;

  // After the connection has been closed: ends the thread and waits for it.
  void Stop();
  // Makes connections of these options use this loop, one at a time.
  natsStatus Install(natsOptions* options);

  // Into the library's buffer; Flush or FlushSoon must follow.
  static natsStatus Publish(natsConnection* connection, natsMsg* message);
  // Writes what is in the buffer, on the caller's thread; what the socket does not take now is written by the loop.
  void Flush();
  // Has the loop write it, together with what is published until it comes to that.
  void FlushSoon();
  // True when the socket does not take more at present.
  bool stalled() const { return wanted_ && stalled_; }

 private:
  // The socket as the loop knows it; closed and replaced on the loop's thread alone.
  struct Socket {
    natsConnection* connection = nullptr;
    int fd = -1;  // a duplicate: the library closes its own whenever it likes
  };
  void Run();
  bool ReplaceSocket(Socket* socket);
  void Wait(const Socket& socket, bool* readable, bool* writable);
  void Change(Socket to);
  void Wake();

  static natsStatus OnAttach(void** data, void* loop, natsConnection* connection, natsSock socket);
  static natsStatus OnRead(void* data, bool add);
  static natsStatus OnWrite(void* data, bool add);
  static natsStatus OnDetach(void* data);

  std::function<void()> arrived_;
  int wake_fd_;
  std::atomic<bool> wake_sent_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> wanted_{false};   // there is something in the library's buffer
  std::atomic<bool> stalled_{false};  // the socket took only a part
  std::mutex write_mutex_;            // of Flush: the library takes an empty write for a broken line
  std::atomic<natsConnection*> connection_{nullptr};

  std::mutex change_mutex_;
  bool changed_ = false;
  Socket next_;
  std::thread thread_;
};

}  // namespace renxin::bus
