#include <cstdlib>
#include <memory>
#include <string>

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/bus/jetstream.h"
#include "shared/core/time.h"
#include "shared/privacy/seal.h"
#include "shared/runtime/envelope.h"
#include "tests/fuzz/targets.h"

namespace renxin::fuzz {
namespace {

// Lines `name: value` until an empty one; the rest is the body.
bus::Message MessageOf(std::string_view bytes) {
  bus::Message message;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (line.empty()) break;
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) message.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  message.body = std::string(bytes);
  return message;
}

}  // namespace

void Pull(std::string_view bytes) {
  bus::Message message = MessageOf(bytes);
  if (message.body.empty()) message.status = std::atoi(std::string(bus::FindHeader(message.headers, "Status")).c_str());
  const bus::PullStatus status = bus::ClassifyPull(message);
  Must(status != bus::PullStatus::kMessage || message.status == 0, "a status line is no message");
  const bus::Position position = bus::PositionOf(std::string(bytes));
  Must((position.seq >= 0 && position.pending >= 0) || bytes.find('-') != std::string_view::npos, "a number in a stream is not below zero");
}

void Envelope(std::string_view bytes) {
  static const privacy::Sealer sealer(privacy::ServiceKeys::Generate());
  static const Zone zone("Asia/Shanghai");
  static const Environment env{sealer, zone};
  const auto delivered = runtime::ReadEnvelope(MessageOf(bytes), std::make_unique<leads::v1::SettlementRecorded>(), env, Instant{});
  if (!delivered) return;
  Must(delivered->ctx.event_id.size() == 36, "an event that is delivered has an id");
  // A consumer writes both into its tables.
  FormatTime(delivered->ctx.occurred_at);
  FormatTime(delivered->ctx.recorded_at);
}

}  // namespace renxin::fuzz
