#pragma once
// What becomes of an event on its way to live sockets: which one it is, whose, and the text that is sent of it. Pure.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/bus/bus.h"
#include "shared/contract/live.h"
#include "shared/core/time.h"

namespace renxin::gateway {

// By subject.
using LiveEvents = std::map<std::string, contract::LiveEventType, std::less<>>;
// Throws std::runtime_error when the contract would show more than may be read.
LiveEvents LiveEventsOf(const contract::DescriptorSet& set);

struct LiveEvent {
  const contract::LiveEventType* event = nullptr;
  std::string event_id;
  std::vector<std::string> owners;
  std::vector<std::string> viewers;
  // {"type":…,"id":…,"service":…,"event_id":…,"recorded_at":…}: one text for all sockets.
  std::shared_ptr<const std::string> text;
};

// Something live that was recorded more than a minute ago: its stream was away, or a service publishes its outbox again. Who
// listens does not learn whom it concerns, only that something may have been missed.
bool ComesLate(const LiveEvents& events, const bus::Message& message, Instant now);

// Nothing for what is not live: another subject, no id for the record, or late.
std::optional<LiveEvent> ToLiveEvent(const LiveEvents& events, const bus::Message& message, Instant now);

// What a client may say: exactly {"token":"…"}. Empty for anything else.
std::string TokenOf(std::string_view text);

// `renxin.v1, bearer.<token>`, as a browser offers it.
struct Offer {
  bool ours = false;  // renxin.v1 is among them
  std::string token;
};
Offer ReadOffer(std::string_view subprotocols);

}  // namespace renxin::gateway
