#include "services/gateway/pages/encoding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <stdexcept>

namespace renxin::gateway::pages {
namespace {

http::Head Accepting(const std::string& value) {
  http::Head head;
  if (!value.empty()) {
    head.headers.emplace_back("accept-encoding", value);
  }
  return head;
}

std::string Gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string zipped(text.size() + 1024, '\0');
  std::string input = text;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(zipped.data());
  stream.avail_out = static_cast<uInt>(zipped.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  zipped.resize(stream.total_out);
  deflateEnd(&stream);
  return zipped;
}

std::string InflateInPieces(std::string_view gzip, std::size_t piece) {
  Inflater inflater(gzip);
  std::string whole;
  for (std::string next = inflater.Next(piece); !next.empty(); next = inflater.Next(piece)) {
    EXPECT_LE(next.size(), piece);
    whole += next;
  }
  return whole;
}

TEST(Encoding, GzipIsSentOnlyToWhoTakesIt) {
  for (const char* yes : {"gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "deflate , gzip", "*", "*;q=0.1"}) {
    EXPECT_TRUE(AcceptsGzip(Accepting(yes))) << yes;
  }
  for (const char* no : {"", "br", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "xgzip", "*, gzip;q=0"}) {
    EXPECT_FALSE(AcceptsGzip(Accepting(no))) << no;
  }
}

TEST(Encoding, WhatWasCompressedComesBackInPieces) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) {
    text += std::to_string(i * 7919 % 1000) + " 仁心\n";
  }
  for (const std::string& one : {std::string("x"), text}) {
    const std::string zipped = Gzip(one);
    EXPECT_EQ(InflatedSize(zipped), one.size());
    EXPECT_TRUE(InflateInPieces(zipped, 64 * 1024) == one);
    EXPECT_TRUE(InflateInPieces(zipped, 1000) == one);
  }
}

TEST(Encoding, ACorruptedStreamIsNotPassedOn) {
  std::string zipped = Gzip("something that is long enough to be cut");
  EXPECT_THROW(InflateInPieces("no gzip at all", 100), std::runtime_error);
  zipped[12] = static_cast<char>(~zipped[12]);
  EXPECT_THROW(InflateInPieces(zipped, 100), std::runtime_error);
}

}  // namespace
}  // namespace renxin::gateway::pages
