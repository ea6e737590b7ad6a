#pragma once
// SQLite: copies what was committed from the write-ahead log into the file, on a thread of its own, while its writer goes on. The writer
// itself does so only when the log has grown long: then little is left to copy, and the log begins again from its start.

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace renxin::db {

class Session;

class Checkpointer {
 public:
  explicit Checkpointer(std::string url);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // The writer, for as long as it lives.
  void Watch(Session* writer);

  // In pages of the log: after how many more a commit wakes the thread, and from where on the writer copies itself (32 MiB).
  static constexpr int kWakeEvery = 2'000;
  static constexpr int kWriterAt = 8'000;

 private:
  void Loop();

  std::string url_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool due_ = false;
  int woken_at_ = 0;  // pages; the writer's thread alone
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace renxin::db
