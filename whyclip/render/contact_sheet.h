#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// An image of a contact sheet with a title and a note.
struct SheetEntry {
  std::string title;
  std::string note;  ///< smaller; may be empty
  Image image;
};

/// Arranges the entries in rows of `columns` on white. Each image is scaled to a square cell of
/// `cell` pixels and keeps its aspect ratio. Throws Error if there are no entries, if an image's
/// size does not match its pixels, for fewer than 1 column, and for cells of fewer than 32 pixels.
Image contact_sheet(std::span<const SheetEntry> entries, int columns, int cell = 240);

}  // namespace whyclip
