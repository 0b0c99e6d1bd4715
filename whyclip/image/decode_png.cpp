#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <charconv>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/image/decode_formats.h"
#include "whyclip/image/orientation.h"

namespace whyclip::detail {
namespace {

/// Everything libpng touches. It leaves its functions by longjmp, so that nothing with a destructor
/// may live inside a guarded step: what must be freed is here.
struct Reader {
  std::span<const std::byte> rest;  ///< not read yet
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf back{};
  char message[160] = {};
  char warning[160] = {};
  bool truncated = false;

  explicit Reader(std::span<const std::byte> bytes) : rest(bytes) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

template <std::size_t size>
void keep(char (&to)[size], const char* text) {
  std::snprintf(to, size, "%s", text);
}

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  Reader& reader = *static_cast<Reader*>(png_get_error_ptr(png));
  keep(reader.message, message);
  std::longjmp(reader.back, 1);
}

void on_warning(png_structp png, png_const_charp message) {
  keep(static_cast<Reader*>(png_get_error_ptr(png))->warning, message);
}

void read_data(png_structp png, png_bytep to, std::size_t size) {
  Reader& reader = *static_cast<Reader*>(png_get_io_ptr(png));
  if (size > reader.rest.size()) {
    reader.truncated = true;
    png_error(png, "the file ends too early");
  }
  std::memcpy(to, reader.rest.data(), size);
  reader.rest = reader.rest.subspan(size);
}

/// Runs a step that may be left by longjmp; false if it was.
template <class Step>
[[gnu::noinline]] bool guarded(Reader& reader, const Step& step) {
  if (setjmp(reader.back) != 0) return false;
  step();
  return true;
}

[[noreturn]] void fail(const Reader& reader, std::string_view name) {
  throw Error(name, fmt::format("{} PNG: {}{}{}{}", reader.truncated ? "truncated" : "corrupt",
                                reader.message, reader.warning[0] != 0 ? " (" : "", reader.warning,
                                reader.warning[0] != 0 ? ")" : ""));
}

void read_header(Reader& reader, std::string_view name) {
  const bool fine = guarded(reader, [&] {
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
    if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
    if (reader.info == nullptr) return;
    png_set_read_fn(reader.png, &reader, read_data);
    // Our own limit is stated in pixels, and says how to raise it.
    png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(reader.png, reader.info);
  });
  if (!fine) fail(reader, name);
  if (reader.info == nullptr) throw Error(name, "out of memory");
}

/// Grey of 16 bits without alpha: Pillow keeps it as integers, which it clips, rather than scales,
/// to 8 bits.
bool is_clipped_grey(const Reader& reader) {
  return png_get_color_type(reader.png, reader.info) == PNG_COLOR_TYPE_GRAY &&
         png_get_bit_depth(reader.png, reader.info) == 16;
}

/// Asks libpng for rows of 4 bytes a pixel: RGBA, or big-endian grey and alpha of 16 bits for
/// clipped grey; without `alpha` for rows of RGB.
void request_rows(const Reader& reader, bool clipped_grey, bool alpha) {
  png_structp png = reader.png;
  png_set_expand(png);
  if (!clipped_grey) {
    png_set_strip_16(png);  // the high byte, as Pillow
    png_set_gray_to_rgb(png);
  }
  if (alpha) {
    png_set_add_alpha(png, 0xffff, PNG_FILLER_AFTER);
  } else {
    png_set_strip_alpha(png);
  }
}

/// What a pixel of a label image is made of.
struct LabelFormat {
  bool numbers = false;  ///< grey or indices, otherwise colours
  std::size_t colour_bytes = 0, alpha_bytes = 0;
};

/// Throws Error for what no exact label can be made of.
LabelFormat label_format(const Reader& reader, std::string_view name, PaletteLabels palettes) {
  const int type = png_get_color_type(reader.png, reader.info);
  const bool deep = png_get_bit_depth(reader.png, reader.info) == 16;
  const bool transparent_colour = png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0;
  const bool palette = type == PNG_COLOR_TYPE_PALETTE;
  if (palette && palettes == PaletteLabels::kIndices) return {true, 1, 0};
  if (deep && type != PNG_COLOR_TYPE_GRAY) {
    throw Error(name,
                "labels are read from PNGs of 8 bits a channel or of 16-bit grey without alpha, "
                "got 16-bit colour or alpha; save it with 8 bits");
  }
  if (transparent_colour && !palette) {
    throw Error(name,
                "a PNG of labels has a transparent colour, and what that labels is not "
                "clear; save it without transparency");
  }
  const bool alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || transparent_colour;
  const bool grey = (type & PNG_COLOR_MASK_COLOR) == 0;
  return {grey, std::size_t(grey ? (deep ? 2 : 1) : 3), std::size_t(alpha ? 1 : 0)};
}

/// Values of up to 24 bits a pixel, as the three bytes of RGB. Throws Error for a pixel that is not
/// opaque.
std::vector<std::uint8_t> pack_labels(std::span<const std::uint8_t> stored,
                                      const LabelFormat& format, std::string_view name) {
  const std::size_t bytes = format.colour_bytes + format.alpha_bytes;
  std::vector<std::uint8_t> packed(stored.size() / bytes * 3, 0);
  for (std::size_t from = 0, end = 3; end <= packed.size(); from += bytes, end += 3) {
    std::copy_n(stored.data() + from, format.colour_bytes,
                packed.data() + end - format.colour_bytes);
    if (format.alpha_bytes != 0 && stored[from + format.colour_bytes] != 255) {
      throw Error(name,
                  "a PNG of labels has transparent pixels, and what they label is not clear; "
                  "save it without transparency");
    }
  }
  return packed;
}

/// Reads all rows into `to` and the chunks behind them. An interlaced picture comes in several
/// passes over the same rows.
void read_rows(const Reader& reader, std::size_t row_bytes, std::uint8_t* to) {
  const int passes = png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  if (png_get_rowbytes(reader.png, reader.info) != row_bytes) {
    png_error(reader.png, "a row has an unexpected number of bytes");
  }
  const std::size_t height = png_get_image_height(reader.png, reader.info);
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t y = 0; y < height; ++y) {
      png_read_row(reader.png, to + y * row_bytes, nullptr);
    }
  }
  png_read_end(reader.png, reader.info);
}

/// 16-bit grey and alpha to RGBA, in place.
void clip_grey(std::vector<std::uint8_t>& pixels) {
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const std::uint8_t grey = pixels[i] != 0 ? 255 : pixels[i + 1];
    pixels[i + 3] = pixels[i + 2];
    pixels[i] = pixels[i + 1] = pixels[i + 2] = grey;
  }
}

/// EXIF as ImageMagick wrote it before PNG had a chunk for it: a text "\nexif\n  length\nhex
/// digits".
std::string decode_raw_profile(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string digits(text), bytes;
  std::erase(digits, '\n');
  for (std::size_t i = 0; i + 2 <= digits.size(); i += 2) {
    unsigned value = 0;
    const auto [end, code] = std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    if (code != std::errc() || end != digits.data() + i + 2) return {};
    bytes += static_cast<char>(value);
  }
  return bytes;
}

int find_orientation(const Reader& reader) {
  std::string exif, xmp;
  png_textp texts = nullptr;
  const int count = png_get_text(reader.png, reader.info, &texts, nullptr);
  for (int i = 0; i < count; ++i) {
    const std::string_view key = texts[i].key;
    if (texts[i].text == nullptr) continue;
    const std::size_t length = std::max(texts[i].text_length, texts[i].itxt_length);
    const std::string_view text(texts[i].text, length);
    if (key == "Raw profile type exif") exif = decode_raw_profile(text);
    if (key == "XML:com.adobe.xmp") xmp = text;
  }
  png_uint_32 size = 0;
  png_bytep data = nullptr;
  if (png_get_eXIf_1(reader.png, reader.info, &size, &data) != 0 && data != nullptr) {
    exif.assign(reinterpret_cast<const char*>(data), size);
  }
  return read_orientation(std::as_bytes(std::span(exif)), xmp);
}

}  // namespace

Decoded decode_png(std::span<const std::byte> bytes, std::string_view name,
                   const DecodeOptions& options) {
  Reader reader(bytes);
  read_header(reader, name);
  Decoded result{sized_picture(png_get_image_width(reader.png, reader.info),
                               png_get_image_height(reader.png, reader.info), name, options)};
  const std::size_t pixels = std::size_t(result.picture.width) * std::size_t(result.picture.height);
  const bool clipped_grey = is_clipped_grey(reader);
  const bool alpha = clipped_grey || options.background;
  std::vector<std::uint8_t>& rows = result.picture.rgb;
  rows.resize(pixels * (alpha ? 4 : 3));
  const bool fine = guarded(reader, [&] {
    request_rows(reader, clipped_grey, alpha);
    read_rows(reader, rows.size() / std::size_t(result.picture.height), rows.data());
  });
  if (!fine) fail(reader, name);
  if (clipped_grey) clip_grey(rows);
  if (alpha) drop_alpha(rows.data(), pixels, options, rows.data());
  rows.resize(pixels * 3);
  result.orientation = find_orientation(reader);
  return result;
}

DecodedLabels decode_png_labels(std::span<const std::byte> bytes, std::string_view name,
                                const DecodeOptions& options, PaletteLabels palette) {
  Reader reader(bytes);
  read_header(reader, name);
  DecodedLabels result;
  result.packed.picture =
      sized_picture(png_get_image_width(reader.png, reader.info),
                    png_get_image_height(reader.png, reader.info), name, options);
  Picture& picture = result.packed.picture;
  const LabelFormat format = label_format(reader, name, palette);
  const std::size_t row_bytes =
      std::size_t(picture.width) * (format.colour_bytes + format.alpha_bytes);
  std::vector<std::uint8_t> stored(row_bytes * std::size_t(picture.height));
  const bool fine = guarded(reader, [&] {
    // Few bits of grey or of an index are spread over bytes, but not scaled: they are labels.
    png_set_packing(reader.png);
    if (!format.numbers) png_set_palette_to_rgb(reader.png);
    read_rows(reader, row_bytes, stored.data());
  });
  if (!fine) fail(reader, name);
  picture.rgb = pack_labels(stored, format, name);
  result.packed.orientation = find_orientation(reader);
  result.colours = !format.numbers;
  return result;
}

}  // namespace whyclip::detail
