#include "services/gateway/pages/encoding.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

#include "shared/core/text.h"

namespace renxin::gateway::pages {
namespace {

constexpr int kGzipOnly = 16;  // zlib: windowBits of a gzip stream are above this
constexpr std::size_t kSizeBytes = 4;

std::string WithoutSpaces(std::string_view text) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept), [](char c) { return c != ' ' && c != '\t'; });
  return kept;
}

bool IsZeroWeight(std::string_view parameter) {
  return parameter.starts_with("q=0") && parameter.find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

bool AcceptsGzip(const http::Head& head) {
  bool any = false;
  for (const std::string& each : SplitText(head.Find("accept-encoding"), ',')) {
    const std::string one = WithoutSpaces(each);
    const std::size_t at = std::min(one.find(';'), one.size());
    const std::string_view coding = std::string_view(one).substr(0, at);
    const bool wanted = at == one.size() || !IsZeroWeight(std::string_view(one).substr(at + 1));
    if (coding == "gzip") {
      return wanted;
    }
    any = any || (coding == "*" && wanted);
  }
  return any;
}

std::uint64_t InflatedSize(std::string_view gzip) {
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < kSizeBytes && gzip.size() >= kSizeBytes; ++i) {
    size |= std::uint64_t{static_cast<unsigned char>(gzip[gzip.size() - kSizeBytes + i])} << (8 * i);
  }
  return size;
}

struct Inflater::State {
  z_stream stream{};
  bool ended = false;
};

Inflater::Inflater(std::string_view gzip) : state_(std::make_unique<State>()) {
  state_->stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));  // zlib does not write there
  state_->stream.avail_in = static_cast<uInt>(gzip.size());
  if (inflateInit2(&state_->stream, MAX_WBITS + kGzipOnly) != Z_OK) {
    throw std::runtime_error("zlib cannot begin to inflate");
  }
}

Inflater::~Inflater() { inflateEnd(&state_->stream); }

std::string Inflater::Next(std::size_t limit) {
  std::string piece(limit, '\0');
  state_->stream.next_out = reinterpret_cast<Bytef*>(piece.data());
  state_->stream.avail_out = static_cast<uInt>(limit);
  if (!state_->ended) {
    const int result = inflate(&state_->stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) {
      throw std::runtime_error("an embedded file is no gzip stream");
    }
    state_->ended = result == Z_STREAM_END;
  }
  piece.resize(limit - state_->stream.avail_out);
  return piece;
}

}  // namespace renxin::gateway::pages
