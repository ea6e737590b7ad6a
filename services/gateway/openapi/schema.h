#pragma once
// Messages and enums as JSON Schema, the way Protobuf's JSON mapping writes them.

#include <google/protobuf/descriptor.h>
#include <boost/json/object.hpp>

#include <map>
#include <string>

namespace renxin::gateway {

// The comment above a declaration, else the one beside it, trimmed; empty when there is none.
template <class Descriptor>
std::string CommentOf(const Descriptor* descriptor);

// Collects every message and enum that is referred to.
class Schemas {
 public:
  // A reference to the message's schema, which is built if need be.
  boost::json::object Reference(const google::protobuf::Descriptor* message);
  // The schema of one field with its rules; `many` false: of one entry of a repeated field.
  boost::json::object Field(const google::protobuf::FieldDescriptor* field, bool many = true);
  // An object schema of the message's own fields, without a reference.
  boost::json::object Inline(const google::protobuf::Descriptor* message);
  boost::json::object ReleaseComponents();

 private:
  boost::json::object Enum(const google::protobuf::EnumDescriptor* type);
  boost::json::object Value(const google::protobuf::FieldDescriptor* field);

  std::map<std::string, boost::json::object> components_;
};

}  // namespace renxin::gateway
