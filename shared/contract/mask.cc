#include "shared/contract/mask.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "renxin/options/v1/privacy.pb.h"
#include "shared/contract/descriptors.h"
#include "shared/core/text.h"

namespace renxin::contract {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string MaskText(options::v1::Mask mask, const std::string& text) {
  switch (mask) {
    case options::v1::MASK_NAME:
      return MaskName(text);
    case options::v1::MASK_PHONE:
      return MaskPhone(text);
    case options::v1::MASK_BIRTHDAY:
      return MaskBirthday(text);
    default:
      return "";
  }
}

// A field with a mask. What cannot be masked in part (a number, a message, MASK_ALL) is cleared.
void MaskField(Message* message, const FieldDescriptor* field, options::v1::Mask mask) {
  const auto* reflection = message->GetReflection();
  if (mask == options::v1::MASK_ALL || field->type() != FieldDescriptor::TYPE_STRING) {
    reflection->ClearField(message, field);
  } else if (field->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
      reflection->SetRepeatedString(message, field, i, MaskText(mask, reflection->GetRepeatedString(*message, field, i)));
    }
  } else {
    reflection->SetString(message, field, MaskText(mask, reflection->GetString(*message, field)));
  }
}

}  // namespace

void ApplyMasks(Message* message) {
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const auto* field : fields) {
    const options::v1::Mask mask = Option(field, options::v1::mask);
    if (mask != options::v1::MASK_UNSPECIFIED) {
      MaskField(message, field, mask);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        ApplyMasks(reflection->MutableRepeatedMessage(message, field, i));
      }
    } else {
      ApplyMasks(reflection->MutableMessage(message, field));
    }
  }
}

std::string MaskName(std::string_view name) { return name.empty() ? "" : std::string(FirstCodePoints(name, 1)) + "*"; }

std::string MaskPhone(std::string_view phone) {
  if (phone.empty()) {
    return "";
  }
  // The country code of a mainland mobile says nothing; without it both spellings mask alike.
  if (phone.starts_with("+86") && phone.size() == 14) {
    phone.remove_prefix(3);
  }
  if (phone.starts_with('+')) {
    phone.remove_prefix(1);
  }
  if (phone.size() < 11) {
    return "****";
  }
  return std::string(phone.substr(0, 3)) + "****" + std::string(phone.substr(phone.size() - 4));
}

std::string MaskBirthday(std::string_view day) {
  if (day.empty()) {
    return "";
  }
  const bool looks_like_a_day = day.size() == 10 && day[4] == '-' && day[7] == '-' && day[8] >= '0' && day[8] <= '3';
  return looks_like_a_day ? "****-**-" + std::string(day.substr(8)) : "****-**-**";
}

}  // namespace renxin::contract
