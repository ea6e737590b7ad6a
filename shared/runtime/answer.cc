#include "shared/runtime/answer.h"

#include "shared/contract/page.h"

namespace renxin::runtime {
namespace {

// False when it cannot be smaller.
bool HalvePage(google::protobuf::Message* request) {
  const auto* field = request->GetDescriptor()->FindFieldByName("page_size");
  if (field == nullptr || field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_INT32) return false;
  const int asked = request->GetReflection()->GetInt32(*request, field);
  const int half = (asked == 0 ? contract::Page::kDefaultSize : asked) / 2;
  if (half == 0) return false;
  request->GetReflection()->SetInt32(request, field, half);
  return true;
}

}  // namespace

Result<std::string> RunToFit(google::protobuf::Message* request, const std::function<Result<std::string>()>& run) {
  for (;;) {
    Result<std::string> answer = run();
    if (!answer || answer->size() <= kAnswerMax || !HalvePage(request)) return answer;
  }
}

Error AnswerTooLarge() {
  return {Code::kInternal, Reason::kAnswerTooLarge, "the answer is larger than " + std::to_string(kAnswerMax / 1024) + " KiB"};
}

}  // namespace renxin::runtime
