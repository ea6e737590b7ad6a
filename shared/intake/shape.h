#pragma once
// A row of a file as its kind has it: the cells under their columns, in their normal form, or why it cannot be used. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "shared/core/csv.h"
#include "shared/intake/import.h"
#include "shared/intake/kind.h"

namespace renxin::intake {

// The columns that count: empty ones at the end do not.
std::size_t WidthOf(const std::vector<std::string>& header);
// Blanks around a name do not count.
std::vector<std::string> HeaderOf(const CsvRow& row, TextEncoding encoding);
// Unknown columns are refused by name, required ones must be there; order is free. Empty: sound.
std::string HeaderFault(const KindSpec& kind, const std::vector<std::string>& header);

struct Shaped {
  Row row;                           // in the kind's order
  std::vector<std::string> surplus;  // cells under no header
  std::string fault;                 // why it cannot be used
  bool blank = false;                // no value at all

  // What goes back to the sender: every cell under its own header, the others behind.
  Row Returned() const;
};
// The cells as they are kept (G8): trimmed, numbers in their normal form, a spreadsheet's protection off.
Shaped Shape(const KindSpec& kind, const store::Import& op, const CsvRow& csv);

std::string NumberOf(const KindSpec& kind, const Row& row);
// A record cannot be kept under such a number, not even to be refused as a whole: `fault` is what else is wrong with the row.
std::string NumberFault(const KindSpec& kind, const std::string& no, const std::string& fault);

// A grouped record with a row that cannot be used is refused as a whole: the last cell of such a row says why, behind this.
inline constexpr std::string_view kBadRow =
    "\x01"
    "bad row: ";

}  // namespace renxin::intake
