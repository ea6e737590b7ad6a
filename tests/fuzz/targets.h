#pragma once
// What is fuzzed: one function per target, over any bytes. It returns when all is well and ends the process when a
// property does not hold; libFuzzer and the sanitizers see the rest.

#include <string_view>

namespace renxin::fuzz {

struct Target {
  std::string_view name;  // also the folder of its corpus
  void (*run)(std::string_view bytes);
};

void Head(std::string_view bytes);       // an HTTP request's head against the rule set
void Path(std::string_view bytes);       // a request line against the routes of the suite
void Json(std::string_view bytes);       // a line `METHOD PATH`, then a body: into the request message and back
void Csv(std::string_view bytes);        // a file in pieces, and again from every safe point
void Multipart(std::string_view bytes);  // an upload's form in pieces
void Encoding(std::string_view bytes);   // a file of unknown encoding in pieces
void Token(std::string_view bytes);      // an access token, and the frame that carries a fresh one
void Pull(std::string_view bytes);       // status lines of a pull, reply subjects
void Cursor(std::string_view bytes);     // a page token
void Envelope(std::string_view bytes);   // headers, an empty line, a body: an event as it comes over the bus

inline constexpr Target kTargets[] = {{"head", Head},           {"path", Path},         {"json", Json},   {"csv", Csv},
                                      {"multipart", Multipart}, {"encoding", Encoding}, {"token", Token}, {"pull", Pull},
                                      {"cursor", Cursor},       {"envelope", Envelope}};

// Ends the process when `holds` is not so.
void Must(bool holds, const char* what);

}  // namespace renxin::fuzz
