#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/image/picture.h"

namespace whyclip {

/// A picture of a contact sheet, with a line or two underneath.
struct SheetEntry {
  std::string title;
  std::string note;  ///< smaller; may be empty
  Picture picture;
};

/// The entries in rows of `columns` on white, each scaled to cells of `cell` pixels a side without
/// changing its aspect. Throws Error if there are no entries, a picture does not fit its pixels,
/// for fewer than 1 column, and for cells of fewer than 32 pixels.
Picture contact_sheet(std::span<const SheetEntry> entries, int columns, int cell = 240);

}  // namespace whyclip
