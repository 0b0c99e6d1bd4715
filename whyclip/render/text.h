#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "whyclip/image/image.h"
#include "whyclip/render/colormap.h"

namespace whyclip {

/// The built-in font (DejaVu Sans) at one size. Text is UTF-8 on one line, left to right. White
/// space and control characters are drawn as spaces, characters that the font lacks as its box.
class Font {
 public:
  /// `pixels` is the size of an em, 4 to 2000. Throws Error for another size.
  explicit Font(int pixels);
  ~Font();
  Font(Font&&) noexcept;
  Font& operator=(Font&&) noexcept;

  int ascent() const;   ///< pixels above the baseline
  int descent() const;  ///< pixels below the baseline, positive

  /// The width of a text in pixels, rounded up.
  int width(std::string_view text) const;

  /// The text if it fits into `width` pixels, otherwise as many of its first characters as fit with
  /// an ellipsis; empty if the ellipsis does not fit.
  std::string elide(std::string_view text, int width) const;

  /// Draws anti-aliased text from `left` on the line `baseline`, clipped to the image.
  void draw(Image& image, int left, int baseline, std::string_view text, Colour colour) const;

 private:
  struct Face;
  std::unique_ptr<Face> face_;
};

}  // namespace whyclip
