#pragma once
// Paging, the same for every list: `page_size` (0: 50, at most 200) and `page_token` in the request, `next_page_token` in the answer.
// A token holds the key of the last row of a page and the name of the list it was given for; callers treat it as opaque. Anything else, a
// token of another list too, is refused as the field `page_token` (kInvalidField).

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/result.h"

namespace renxin::contract {

// What a part of a key may be: checked when a token is read, so that a store binds nothing a caller made up.
enum class KeyPart : std::uint8_t { kUuid, kNumber, kText };

// A list that is paged: its name and the columns it is ordered by, the last of them unique.
struct List {
  std::string_view name;
  std::vector<KeyPart> key;
};

Error InvalidPageToken();

class Page {
 public:
  static constexpr int kDefaultSize = 50;
  static constexpr int kMaxSize = 200;

  // The first page.
  explicit Page(int page_size = 0) : size_(page_size == 0 ? kDefaultSize : page_size) {}
  Page(int page_size, std::vector<std::string> after) : size_(page_size == 0 ? kDefaultSize : page_size), after_(std::move(after)) {}

  bool first() const { return after_.empty(); }
  int size() const { return size_; }
  // How many rows to read: one more than the page has says whether there is another page.
  int fetch() const { return size_ + 1; }
  // Part `i` of the key of the last row seen; empty or 0 on the first page.
  std::string Text(std::size_t i) const { return i < after_.size() ? after_[i] : std::string(); }
  std::int64_t Number(std::size_t i) const;

 private:
  int size_;
  std::vector<std::string> after_;
};

Result<Page> ReadPage(const List& list, int page_size, std::string_view page_token);
template <class Req>
Result<Page> ReadPage(const List& list, const Req& req) {
  return ReadPage(list, req.page_size(), req.page_token());
}
std::string PageToken(const List& list, const std::vector<std::string>& key);

template <class Row>
struct Paged {
  std::vector<Row> rows;
  std::string next_page_token;  // empty: there is no further row
};

// `rows` as they were read, page.fetch() of them at most; `key` gives the parts of a row's key as text.
template <class Row, class Key>
Paged<Row> Cut(const List& list, const Page& page, std::vector<Row> rows, const Key& key) {
  Paged<Row> out{std::move(rows), ""};
  if (out.rows.size() <= static_cast<std::size_t>(page.size())) return out;
  out.rows.erase(out.rows.begin() + page.size(), out.rows.end());
  out.next_page_token = PageToken(list, key(out.rows.back()));
  return out;
}

}  // namespace renxin::contract
