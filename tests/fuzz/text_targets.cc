#include <string>
#include <vector>

#include "services/gateway/live/event.h"
#include "shared/contract/page.h"
#include "shared/core/csv.h"
#include "shared/core/encoding.h"
#include "shared/core/text.h"
#include "shared/privacy/token.h"
#include "tests/fuzz/targets.h"

namespace renxin::fuzz {
namespace {

std::vector<CsvRow> Rows(std::string_view bytes, std::size_t piece, std::int64_t offset, std::int64_t line) {
  std::vector<CsvRow> rows;
  const auto keep = [&rows](CsvRow row) { rows.push_back(std::move(row)); };
  CsvReader reader(offset, line);
  for (std::size_t at = 0; at < bytes.size(); at += piece) reader.Feed(bytes.substr(at, piece), keep);
  reader.Finish(keep);
  return rows;
}

bool Same(const CsvRow& a, const CsvRow& b) {
  return a.line == b.line && a.cells == b.cells && a.fault == b.fault && a.end_offset == b.end_offset && a.end_line == b.end_line;
}

}  // namespace

void Csv(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t piece = 1 + static_cast<unsigned char>(bytes[0]) % 32;
  bytes.remove_prefix(1);
  const std::vector<CsvRow> whole = Rows(bytes, bytes.size() + 1, 0, 1);
  const std::vector<CsvRow> parts = Rows(bytes, piece, 0, 1);
  Must(whole.size() == parts.size(), "a file has the same rows in whatever pieces it comes");
  for (std::size_t i = 0; i < whole.size(); ++i) Must(Same(whole[i], parts[i]), "a row is the same in whatever pieces it comes");
  // An import that was killed goes on from a safe point.
  for (std::size_t i = 0; i < whole.size() && i < 8; ++i) {
    const std::vector<CsvRow> rest =
        Rows(bytes.substr(static_cast<std::size_t>(whole[i].end_offset)), piece, whole[i].end_offset, whole[i].end_line);
    Must(rest.size() == whole.size() - i - 1, "a safe point leaves the rows behind it");
    for (std::size_t r = 0; r < rest.size(); ++r) Must(Same(rest[r], whole[i + 1 + r]), "a row behind a safe point is the same");
  }
  // What we write we read.
  for (const CsvRow& row : whole) {
    if (!row.fault.empty()) continue;
    const std::vector<CsvRow> again = Rows(CsvLine(row.cells) + "\n", 64, 1, 1);
    Must(again.size() == 1 && again[0].cells == row.cells, "a row that is written is read as it was");
  }
}

void Encoding(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t piece = 1 + static_cast<unsigned char>(bytes[0]) % 16;
  bytes.remove_prefix(1);
  EncodingScan whole;
  whole.Feed(bytes);
  EncodingScan parts;
  for (std::size_t at = 0; at < bytes.size(); at += piece) parts.Feed(bytes.substr(at, piece));
  // And one that goes on from the last place between two characters.
  EncodingScan rest(whole.safe_counts());
  rest.Feed(bytes.substr(whole.safe_bytes()));
  for (EncodingScan* scan : {&whole, &parts, &rest}) scan->Finish();
  Must(whole.Verdict() == parts.Verdict() && whole.Verdict() == rest.Verdict(), "an encoding does not depend on the pieces");
  for (const TextEncoding encoding : {TextEncoding::kUtf8, TextEncoding::kGb18030}) {
    if (const auto text = Decode(bytes, encoding))
      Must(text->find('\0') != std::string::npos || IsCleanUtf8(*text), "what is decoded is UTF-8");
  }
  DecodeLossy(bytes, whole.Verdict());
}

void Token(std::string_view bytes) {
  static const privacy::SigningKey key = privacy::SigningKeyFromSeed("k1", std::string(32, 's'));
  static const privacy::KeyRing ring = [] {
    privacy::KeyRing out;
    out.Add(key.kid, key.public_key);
    return out;
  }();
  privacy::TokenKeyId(bytes);
  gateway::TokenOf(bytes);
  gateway::ReadOffer(bytes);
  // Only what was signed with our key is taken; nothing in a corpus was.
  Must(!privacy::VerifyToken(bytes, ring, Instant{1'700'000'000'000'000}), "a token that nobody signed was taken");
}

void Cursor(std::string_view bytes) {
  static const contract::List kLists[] = {{"leads", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}},
                                          {"templates", {contract::KeyPart::kText, contract::KeyPart::kNumber}},
                                          {"names", {contract::KeyPart::kText}}};
  for (const contract::List& list : kLists) {
    const auto page = contract::ReadPage(list, 0, bytes);
    if (!page || page->first()) continue;
    std::vector<std::string> key;
    for (std::size_t i = 0; i < list.key.size(); ++i) key.push_back(page->Text(i));
    Must(contract::PageToken(list, key) == bytes, "a token is read as it was written");
  }
}

}  // namespace renxin::fuzz
