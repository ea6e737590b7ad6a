#pragma once
// G6: personal fields leave a service masked, by the option (renxin.options.v1.mask) of the field.

#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace renxin::contract {

// Masks every field that asks for it, in all nested messages. Twice is the same as once.
void ApplyMasks(google::protobuf::Message* message);

// 李四 → 李*
std::string MaskName(std::string_view name);
// 13800138000 and +8613800138000 → 138****8000; fewer than 11 digits → ****
std::string MaskPhone(std::string_view phone);
// 1980-02-08 → ****-**-08; what is no day → ****-**-**
std::string MaskBirthday(std::string_view day);

}  // namespace renxin::contract
