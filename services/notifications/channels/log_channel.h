#pragma once
// The default channel: one line of JSON a message in a file of its own, on the disk before it counts as accepted. The phone is
// masked in it and the text left out. A key stands there once, whoever sends it how often.

#include <map>
#include <mutex>
#include <string>
#include <unordered_set>

#include "services/notifications/channels/channel.h"

namespace renxin::notifications::channels {

class LogChannel final : public Channel {
 public:
  explicit LogChannel(std::string path);

  Answer Send(const Outgoing& message, Instant now) override;
  sending::Trace Find(const std::string& key) override;

 private:
  // Reads what was written since, by whomever. The file must be held.
  void CatchUp(int file);

  std::string path_;
  std::mutex mutex_;
  std::unordered_set<std::string> keys_;
  std::int64_t read_to_ = 0;
  bool corrupted_ = false;  // the last line was not finished: somebody died while writing it
};

}  // namespace renxin::notifications::channels
