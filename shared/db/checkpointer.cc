#include "shared/db/checkpointer.h"

#include <memory>
#include <utility>

#include "shared/db/error.h"
#include "shared/db/session.h"
#include "shared/observe/log.h"

namespace renxin::db {

Checkpointer::Checkpointer(std::string url) : url_(std::move(url)), thread_([this] { Loop(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Checkpointer::Watch(Session* writer) {
  woken_at_ = 0;
  writer->WatchLog([this, writer](int pages) {
    if (pages >= kWriterAt) return writer->Checkpoint();
    if (pages < woken_at_) woken_at_ = 0;  // the log has begun again
    if (pages - woken_at_ < kWakeEvery) return;
    woken_at_ = pages;
    {
      const std::scoped_lock lock(mutex_);
      due_ = true;
    }
    wake_.notify_one();
  });
}

void Checkpointer::Loop() {
  std::unique_ptr<Session> session;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || due_; });
      if (stopping_) return;
      due_ = false;
    }
    try {
      if (!session) session = std::make_unique<Session>(url_);
      session->Checkpoint();
    } catch (const DbError& error) {
      // The next commit wakes it again, and the writer does it when nobody else does.
      session.reset();
      observe::Log(observe::Level::kWarn, "checkpoint failed", {{"code", error.code()}});
    }
  }
}

}  // namespace renxin::db
