#include "whyclip/render/contact_sheet.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/image/resize.h"
#include "whyclip/render/text.h"

namespace whyclip {
namespace {

constexpr int kSheetGap = 12, kTitle = 14, kNote = 12, kLine = 18;
constexpr Colour kInk{29, 31, 36}, kFaint{98, 102, 111};

void paste(const Image& from, Image& onto, int left, int top) {
  for (int y = 0; y < from.height; ++y) {
    const auto source = from.rgb.begin() + std::ptrdiff_t{y} * from.width * 3;
    std::copy(source, source + std::ptrdiff_t{from.width} * 3,
              onto.rgb.begin() + (std::ptrdiff_t{top + y} * onto.width + left) * 3);
  }
}

/// Scales the image to the largest size that fits into a square.
Image fitted(const Image& image, int side) {
  const int longest = std::max(image.width, image.height);
  const auto scaled = [&](int length) {
    return std::max(1, int(std::int64_t{length} * side / longest));
  };
  return resize(image, scaled(image.width), scaled(image.height), Filter::kBicubic);
}

}  // namespace

Image contact_sheet(std::span<const SheetEntry> entries, int columns, int cell) {
  constexpr int kMinCell = 32;
  if (entries.empty()) throw Error("contact sheet", "expected at least one image");
  if (columns < 1 || cell < kMinCell) {
    throw Error("contact sheet", fmt::format("expected at least 1 column and cells of {} pixels, "
                                             "got {} and {}",
                                             kMinCell, columns, cell));
  }
  for (const SheetEntry& entry : entries) check_image(entry.image, entry.title);
  columns = std::min(columns, int(entries.size()));
  const int rows = (int(entries.size()) + columns - 1) / columns;
  const int width = cell + kSheetGap, height = cell + 2 * kLine + kSheetGap;
  Image sheet{columns * width + kSheetGap, rows * height + kSheetGap, {}};
  sheet.rgb.assign(std::size_t(sheet.width) * std::size_t(sheet.height) * 3, 255);
  const Font title(kTitle), note(kNote);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const int left = kSheetGap + int(i) % columns * width,
              top = kSheetGap + int(i) / columns * height;
    const Image image = fitted(entries[i].image, cell);
    paste(image, sheet, left + (cell - image.width) / 2, top + (cell - image.height) / 2);
    title.draw(sheet, left, top + cell + kLine - 3, title.elide(entries[i].title, cell), kInk);
    note.draw(sheet, left, top + cell + 2 * kLine - 4, note.elide(entries[i].note, cell), kFaint);
  }
  return sheet;
}

}  // namespace whyclip
