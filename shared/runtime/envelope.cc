#include "shared/runtime/envelope.h"

#include <cstdlib>
#include <vector>

#include "shared/core/text.h"

namespace renxin::runtime {
namespace {

// An enum number this build does not know: it must wait for an upgrade, not be misread.
bool HasUnknownEnum(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    using google::protobuf::FieldDescriptor;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        const int number =
            field->is_repeated() ? reflection->GetRepeatedEnumValue(message, field, i) : reflection->GetEnumValue(message, field);
        if (field->enum_type()->FindValueByNumber(number) == nullptr) return true;
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        const auto& inner =
            field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i) : reflection->GetMessage(message, field);
        if (HasUnknownEnum(inner)) return true;
      }
    }
  }
  return false;
}

Error Malformed(std::string_view why) { return {Code::kInvalidArgument, Reason::kMalformedRequest, std::string(why)}; }

}  // namespace

std::string EventId(const bus::Message& message) { return std::string(bus::FindHeader(message.headers, "ce-id")); }

Result<DeliveredMessage> ReadEnvelope(const bus::Message& message, std::unique_ptr<google::protobuf::Message> event, const Environment& env,
                                      Instant now) {
  EventContext ctx{
      .now = now, .event_id = EventId(message), .aggregate_id = std::string(bus::FindHeader(message.headers, "ce-subject")), .env = env};
  if (!IsUuid(ctx.event_id)) return Malformed("malformed: no event id");
  if (message.body.size() > kEventMaxBytes || !event->ParseFromString(message.body)) return Malformed("malformed: body does not parse");
  if (HasUnknownEnum(*event)) return Malformed("parked: an enum value that this release does not know");
  ctx.aggregate_version = std::strtoll(std::string(bus::FindHeader(message.headers, "renxin-version")).c_str(), nullptr, 10);
  const auto occurred = ParseTime(bus::FindHeader(message.headers, "ce-time"));
  const auto recorded = ParseTime(bus::FindHeader(message.headers, "renxin-recorded"));
  if (!occurred || !recorded) return Malformed("malformed: no time");
  ctx.occurred_at = *occurred;
  ctx.recorded_at = *recorded;
  observe::Trace trace = observe::Trace::FromHeader(bus::FindHeader(message.headers, "traceparent"));
  return DeliveredMessage{std::move(ctx), std::move(event), std::move(trace)};
}

}  // namespace renxin::runtime
