#include "shared/contract/testing.h"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <stdexcept>

extern const unsigned char renxin_descriptor_set[];
extern const unsigned long renxin_descriptor_set_size;

namespace renxin::contract {
namespace {

class Thrower : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    throw std::runtime_error("line " + std::to_string(line + 1) + ":" + std::to_string(column + 1) + " " + message);
  }
};

google::protobuf::FileDescriptorProto Parse(const std::string& name, const std::string& text) {
  Thrower errors;
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  google::protobuf::io::Tokenizer tokenizer(&input, &errors);
  google::protobuf::compiler::Parser parser;
  parser.RecordErrorsTo(&errors);
  google::protobuf::FileDescriptorProto file;
  parser.Parse(&tokenizer, &file);
  file.set_name(name);
  return file;
}

}  // namespace

DescriptorSet ParseContract(const std::vector<std::pair<std::string, std::string>>& files) {
  google::protobuf::FileDescriptorSet embedded;
  embedded.ParseFromArray(renxin_descriptor_set, static_cast<int>(renxin_descriptor_set_size));
  google::protobuf::FileDescriptorSet set;
  for (const auto& file : embedded.file()) {
    if (file.name().starts_with("google/") || file.name().starts_with("renxin/options/") || file.name().starts_with("renxin/common/")) {
      *set.add_file() = file;
    }
  }
  for (const auto& [name, text] : files) {
    *set.add_file() = Parse(name, text);
  }
  return LoadDescriptors(set.SerializeAsString());
}

}  // namespace renxin::contract
