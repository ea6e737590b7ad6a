// Before each .pb.cc of several that are compiled as one: the names that protoc gives to something in every file become the file's own.
// The library's header has members of these names and is read before.

#include <google/protobuf/generated_message_reflection.h>

#define RENXIN_JOIN_NOW(a, b) a##b
#define RENXIN_JOIN(a, b) RENXIN_JOIN_NOW(a, b)
#define schemas RENXIN_JOIN(schemas_, RENXIN_FILE)
#define file_default_instances RENXIN_JOIN(file_default_instances_, RENXIN_FILE)
