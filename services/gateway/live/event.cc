#include "services/gateway/live/event.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>

#include "shared/core/text.h"
#include "shared/http/strict_json.h"

namespace renxin::gateway {
namespace {

namespace json = boost::json;

constexpr std::int64_t kNewsMicros = 60'000'000;
constexpr std::string_view kProtocol = "renxin.v1";
constexpr std::string_view kBearer = "bearer.";

std::vector<std::string> List(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  return SplitText(text, ',');
}

json::string_view View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

LiveEvents LiveEventsOf(const contract::DescriptorSet& set) {
  std::vector<std::string> problems;
  LiveEvents events;
  for (contract::LiveEventType& event : contract::LiveEvents(set, &problems)) {
    std::string subject = event.subject();
    events.emplace(std::move(subject), std::move(event));
  }
  if (!problems.empty()) {
    std::string all = "the contract's live events are not sound:";
    for (const std::string& problem : problems) {
      all += "\n  " + problem;
    }
    throw std::runtime_error(all);
  }
  return events;
}

bool ComesLate(const LiveEvents& events, const bus::Message& message, Instant now) {
  if (!events.contains(message.subject)) {
    return false;
  }
  const Result<Instant> recorded = ParseTime(bus::FindHeader(message.headers, "renxin-recorded"));
  return recorded && recorded->micros < now.micros - kNewsMicros;
}

std::optional<LiveEvent> ToLiveEvent(const LiveEvents& events, const bus::Message& message, Instant now) {
  const auto found = events.find(message.subject);
  const std::string_view id = bus::FindHeader(message.headers, "renxin-live-id");
  const std::string_view event_id = bus::FindHeader(message.headers, "ce-id");
  const std::string_view recorded_at = bus::FindHeader(message.headers, "renxin-recorded");
  if (found == events.end() || id.empty() || event_id.empty()) {
    return std::nullopt;
  }
  if (!ParseTime(recorded_at) || ComesLate(events, message, now)) {
    return std::nullopt;
  }
  LiveEvent event;
  event.event = &found->second;
  event.event_id = std::string(event_id);
  event.owners = List(bus::FindHeader(message.headers, "renxin-live-owners"));
  event.viewers = List(bus::FindHeader(message.headers, "renxin-live-group"));
  json::object text;
  text["type"] = event.event->name;
  text["id"] = View(id);
  text["service"] = event.event->service;
  text["event_id"] = View(event_id);
  text["recorded_at"] = View(recorded_at);
  event.text = std::make_shared<const std::string>(json::serialize(text));
  return event;
}

std::string TokenOf(std::string_view text) {
  if (http::CheckJson(text)) {
    return "";
  }
  boost::system::error_code ec;
  const json::value value = json::parse(View(text), ec);
  if (ec || !value.is_object() || value.get_object().size() != 1) {
    return "";
  }
  const json::value* token = value.get_object().if_contains("token");
  return token != nullptr && token->is_string() ? std::string(token->get_string()) : "";
}

Offer ReadOffer(std::string_view subprotocols) {
  Offer offer;
  for (const std::string& one : List(subprotocols)) {
    const std::string_view name = Trim(one);
    offer.ours = offer.ours || name == kProtocol;
    if (name.starts_with(kBearer)) {
      offer.token = std::string(name.substr(kBearer.size()));
    }
  }
  return offer;
}

}  // namespace renxin::gateway
