#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "whyclip/image/image.h"
#include "whyclip/render/colormap.h"

namespace whyclip {

/// The built-in font (DejaVu Sans) at one size. Text is UTF-8 on one line, left to right; white
/// space and control characters show as spaces, characters that the font lacks as its box.
class Font {
 public:
  /// `pixels` is the size of an em, at least 4. Throws Error on a smaller one.
  explicit Font(int pixels);
  ~Font();
  Font(Font&&) noexcept;
  Font& operator=(Font&&) noexcept;

  int ascent() const;   ///< pixels above the baseline
  int descent() const;  ///< pixels below the baseline, positive

  /// The width of a text in pixels, rounded up.
  int width(std::string_view text) const;

  /// The text itself if it fits into `width` pixels, else as many of its first characters as fit
  /// with an ellipsis; empty if not even the ellipsis fits.
  std::string elide(std::string_view text, int width) const;

  /// Draws anti-aliased text from `left` on the line `baseline`; what lies outside the image is
  /// dropped.
  void draw(Image& image, int left, int baseline, std::string_view text, Colour colour) const;

 private:
  struct Face;
  std::unique_ptr<Face> face_;
};

}  // namespace whyclip
