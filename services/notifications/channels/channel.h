#pragma once
// A way by which messages leave the house (N5). Every send has a key that is the same however often it is tried (N6).

#include <string>

#include "services/notifications/sending/rules.h"

namespace renxin::notifications::channels {

struct Outgoing {
  std::string key;
  std::string phone;  // E.164; for the moment of sending, kept by nobody
  std::string text;
  std::string template_code;
  std::int64_t template_version = 0;
  std::string provider_template_id;
  std::size_t parts = 0;
};

struct Answer {
  enum class Outcome { kAccepted, kRefused, kTryLater, kUnknown };
  Outcome outcome = Outcome::kUnknown;
  std::string reason;
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual Answer Send(const Outgoing& message, Instant now) = 0;
  // Whether a message of this key was taken.
  virtual sending::Trace Find(const std::string& key) = 0;
};

}  // namespace renxin::notifications::channels
