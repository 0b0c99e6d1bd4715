#include "whyclip/render/text.h"

#include <fmt/format.h>
#include <ft2build.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include FT_FREETYPE_H

#include "whyclip/core/error.h"
#include "whyclip/core/utf8.h"

extern "C" const unsigned char whyclip_font[];
extern "C" const unsigned long whyclip_font_size;

namespace whyclip {
namespace {

constexpr char32_t kEllipsis = U'…';
constexpr FT_Pos kSubpixels = 64;  // FreeType's unit is 1/64 pixel

void check(FT_Error error, std::string_view what) {
  if (error != 0) throw Error("font", fmt::format("{} (FreeType error {})", what, error));
}

/// The characters of a text on one line.
std::u32string line_of(std::string_view text) {
  std::u32string line = code_points(text);
  for (char32_t& c : line) {
    const auto code = static_cast<UChar32>(c);
    if (u_isUWhiteSpace(code) || u_iscntrl(code)) c = U' ';
  }
  return line;
}

/// Blends `colour` into one pixel.
void mix(std::uint8_t* pixel, Colour colour, unsigned coverage) {
  const std::uint8_t channels[3] = {colour.r, colour.g, colour.b};
  for (int c = 0; c < 3; ++c) {
    pixel[c] = static_cast<std::uint8_t>(
        (pixel[c] * (255U - coverage) + channels[c] * coverage + 127U) / 255U);
  }
}

/// Draws a glyph's coverage with its top left corner at (left, top).
void stamp(Image& image, const FT_Bitmap& glyph, int left, int top, Colour colour) {
  const int glyph_width = static_cast<int>(glyph.width);
  const int glyph_height = static_cast<int>(glyph.rows);
  const int first_row = std::max(0, -top);
  const int last_row = std::min(glyph_height, image.height - top);
  const int first_column = std::max(0, -left);
  const int last_column = std::min(glyph_width, image.width - left);
  for (int row = first_row; row < last_row; ++row) {
    const unsigned char* coverage = glyph.buffer + static_cast<std::ptrdiff_t>(row) * glyph.pitch;
    std::uint8_t* pixels =
        image.rgb.data() +
        (static_cast<std::ptrdiff_t>(top + row) * image.width + left) * std::ptrdiff_t{3};
    for (int column = first_column; column < last_column; ++column) {
      mix(pixels + static_cast<std::ptrdiff_t>(column) * 3, colour, coverage[column]);
    }
  }
}

}  // namespace

struct Font::Face {
  FT_Library library = nullptr;
  FT_Face face = nullptr;

  Face() = default;
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;
  ~Face() {
    if (face != nullptr) FT_Done_Face(face);
    if (library != nullptr) FT_Done_FreeType(library);
  }

  /// Loads a glyph into the face's slot; returns its advance in 1/64 pixel.
  FT_Pos load(char32_t code, FT_Int32 flags) const {
    check(FT_Load_Char(face, code, flags | FT_LOAD_NO_HINTING), "cannot load a glyph");
    return face->glyph->advance.x;
  }
};

Font::Font(int pixels) : face_(std::make_unique<Face>()) {
  constexpr int kMin = 4;
  constexpr int kMax = 2000;
  if (pixels < kMin || pixels > kMax) {
    throw Error("font size", fmt::format("expected {} to {} pixels, got {}", kMin, kMax, pixels));
  }
  check(FT_Init_FreeType(&face_->library), "cannot initialise FreeType");
  check(FT_New_Memory_Face(face_->library, whyclip_font, static_cast<FT_Long>(whyclip_font_size), 0,
                           &face_->face),
        "cannot open the built-in font");
  check(FT_Set_Pixel_Sizes(face_->face, 0, static_cast<FT_UInt>(pixels)), "cannot set the size");
}

Font::~Font() = default;
Font::Font(Font&&) noexcept = default;
Font& Font::operator=(Font&&) noexcept = default;

int Font::ascent() const {
  return static_cast<int>(face_->face->size->metrics.ascender / kSubpixels);
}

int Font::descent() const {
  return static_cast<int>(-face_->face->size->metrics.descender / kSubpixels);
}

int Font::width(std::string_view text) const {
  FT_Pos total = 0;
  for (const char32_t c : line_of(text)) total += face_->load(c, FT_LOAD_DEFAULT);
  return static_cast<int>((total + kSubpixels - 1) / kSubpixels);
}

std::string Font::elide(std::string_view text, int width) const {
  const FT_Pos available = static_cast<FT_Pos>(width) * kSubpixels;
  const FT_Pos ellipsis = face_->load(kEllipsis, FT_LOAD_DEFAULT);
  const std::u32string line = line_of(text);
  FT_Pos total = 0;
  std::size_t fitting = 0;  // characters that fit together with an ellipsis
  for (std::size_t i = 0; i < line.size(); ++i) {
    total += face_->load(line[i], FT_LOAD_DEFAULT);
    if (total > available) {
      return ellipsis > available ? std::string() : to_utf8(line.substr(0, fitting) + kEllipsis);
    }
    if (total + ellipsis <= available) fitting = i + 1;
  }
  return std::string(text);
}

void Font::draw(Image& image, int left, int baseline, std::string_view text, Colour colour) const {
  FT_Pos pen = static_cast<FT_Pos>(left) * kSubpixels;
  for (const char32_t c : line_of(text)) {
    const FT_Pos advance = face_->load(c, FT_LOAD_RENDER);
    const FT_GlyphSlot glyph = face_->face->glyph;
    const int x = static_cast<int>((pen + kSubpixels / 2) / kSubpixels) + glyph->bitmap_left;
    stamp(image, glyph->bitmap, x, baseline - glyph->bitmap_top, colour);
    pen += advance;
    if (pen / kSubpixels > image.width) return;
  }
}

}  // namespace whyclip
