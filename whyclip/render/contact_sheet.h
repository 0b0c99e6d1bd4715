#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// An image of a contact sheet, with a line or two underneath.
struct SheetEntry {
  std::string title;
  std::string note;  ///< smaller; may be empty
  Image image;
};

/// The entries in rows of `columns` on white, each scaled to cells of `cell` pixels a side without
/// changing its aspect. Throws Error if there are no entries, an image does not fit its pixels,
/// for fewer than 1 column, and for cells of fewer than 32 pixels.
Image contact_sheet(std::span<const SheetEntry> entries, int columns, int cell = 240);

}  // namespace whyclip
