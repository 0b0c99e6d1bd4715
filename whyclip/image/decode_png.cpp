#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/image/decode_formats.h"
#include "whyclip/image/orientation.h"
#include "whyclip/image/png_chunks.h"

namespace whyclip::detail {
namespace {

/// The state of libpng. libpng reports errors by longjmp, so a guarded step must not own objects
/// with destructors: this object owns all resources.
struct Reader {
  PngChunks chunks;
  std::size_t piece = 0;            ///< index of the current piece of `chunks`
  std::span<const std::byte> rest;  ///< unread bytes of the current piece
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf back{};
  char message[160] = {};
  char warning[160] = {};
  std::string missing;  ///< description of missing pixels, or empty
  bool truncated = false;

  Reader(std::span<const std::byte> bytes, std::string_view name)
      : chunks(bytes, name), rest(chunks.pieces()[0]) {}
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
  while (size > 0) {
    while (reader.rest.empty()) {
      if (++reader.piece >= reader.chunks.pieces().size())
        png_error(png, "the file ends too early");
      reader.rest = reader.chunks.pieces()[reader.piece];
    }
    const std::size_t part = std::min(size, reader.rest.size());
    std::memcpy(to, reader.rest.data(), part);
    reader.rest = reader.rest.subspan(part);
    to += part;
    size -= part;
  }
}

/// Runs a step. Returns false if it ended by longjmp.
template <class Step>
[[gnu::noinline]] bool guarded(Reader& reader, const Step& step) {
  if (setjmp(reader.back) != 0) return false;
  step();
  return true;
}

[[noreturn]] void fail(const Reader& reader, std::string_view name) {
  if (reader.chunks.is_apple_variant()) {
    throw Error(
        name,
        "a PNG in the variant that Apple's Xcode writes (CgBI), which other programs cannot "
        "read; convert it back with `xcrun pngcrush -revert-iphone-optimizations`");
  }
  throw Error(name, fmt::format("{} PNG: {}{}{}{}", reader.truncated ? "truncated" : "corrupt",
                                reader.message, reader.warning[0] != 0 ? " (" : "", reader.warning,
                                reader.warning[0] != 0 ? ")" : ""));
}

void warn(const Reader& reader, std::string_view name, const DecodeOptions& options) {
  const std::string& damage = reader.missing.empty() ? reader.chunks.damage() : reader.missing;
  if (!damage.empty()) warn_damaged(name, "PNG", damage, options);
}

void read_header(Reader& reader, std::string_view name) {
  const bool fine = guarded(reader, [&] {
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
    if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
    if (reader.info == nullptr) return;
    png_set_read_fn(reader.png, &reader, read_data);
    // whyclip's own limit is in pixels, and its message says how to raise it.
    png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // PngChunks has checked the checksums; a window size that is declared too small is tolerated.
    png_set_crc_action(reader.png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    png_set_option(reader.png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
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

/// Requests rows of 4 bytes per pixel from libpng: RGBA, or big-endian 16-bit grey and alpha for
/// clipped grey. Without `alpha` it requests rows of RGB.
void request_rows(const Reader& reader, bool clipped_grey, bool alpha) {
  png_structp png = reader.png;
  png_set_expand(png);
  if (!clipped_grey) {
    png_set_strip_16(png);  // the high byte, as in Pillow
    png_set_gray_to_rgb(png);
  }
  if (alpha) {
    png_set_add_alpha(png, 0xffff, PNG_FILLER_AFTER);
  } else {
    png_set_strip_alpha(png);
  }
}

/// Format of a pixel of a label image.
struct LabelFormat {
  bool numbers = false;  ///< grey or indices, otherwise colours
  std::size_t colour_bytes = 0, alpha_bytes = 0;
};

/// Throws Error for pixels without an exact label.
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
                "a PNG of labels has a transparent colour, which has no label; save it without "
                "transparency");
  }
  const bool alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || transparent_colour;
  const bool grey = (type & PNG_COLOR_MASK_COLOR) == 0;
  return {grey, std::size_t(grey ? (deep ? 2 : 1) : 3), std::size_t(alpha ? 1 : 0)};
}

/// Packs values of up to 24 bits per pixel into three bytes of RGB. Throws Error for a pixel that
/// is not opaque.
std::vector<std::uint8_t> pack_labels(std::span<const std::uint8_t> stored,
                                      const LabelFormat& format, std::string_view name) {
  const std::size_t bytes = format.colour_bytes + format.alpha_bytes;
  std::vector<std::uint8_t> packed(stored.size() / bytes * 3, 0);
  for (std::size_t from = 0, end = 3; end <= packed.size(); from += bytes, end += 3) {
    std::copy_n(stored.data() + from, format.colour_bytes,
                packed.data() + end - format.colour_bytes);
    if (format.alpha_bytes != 0 && stored[from + format.colour_bytes] != 255) {
      throw Error(name,
                  "a PNG of labels has transparent pixels, which have no label; save it without "
                  "transparency");
    }
  }
  return packed;
}

/// Layout of the unpacked stream: the number of rows and the bytes per row of each pass.
using RowLayout = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

RowLayout row_layout(const Reader& reader) {
  const std::uint64_t width = png_get_image_width(reader.png, reader.info);
  const std::uint64_t height = png_get_image_height(reader.png, reader.info);
  const std::uint64_t bits = std::uint64_t(png_get_bit_depth(reader.png, reader.info)) *
                             png_get_channels(reader.png, reader.info);
  const auto row = [&](std::uint64_t pixels) { return 1 + (pixels * bits + 7) / 8; };
  if (png_get_interlace_type(reader.png, reader.info) == PNG_INTERLACE_NONE) {
    return {{height, row(width)}};
  }
  RowLayout passes;
  for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; ++pass) {
    const std::uint64_t columns = PNG_PASS_COLS(width, pass), rows = PNG_PASS_ROWS(height, pass);
    if (columns > 0 && rows > 0) passes.emplace_back(rows, row(columns));
  }
  return passes;
}

/// Pillow's value of missing rows: zero, which is the first colour of a palette.
std::array<std::uint8_t, 3> colour_of_missing(const Reader& reader) {
  png_colorp palette = nullptr;
  int size = 0;
  if (png_get_color_type(reader.png, reader.info) != PNG_COLOR_TYPE_PALETTE ||
      png_get_PLTE(reader.png, reader.info, &palette, &size) == 0 || size == 0) {
    return {};
  }
  return {palette[0].red, palette[0].green, palette[0].blue};
}

void fill_pixels(std::span<std::uint8_t> pixels, std::size_t pixel_bytes,
                 const std::array<std::uint8_t, 3>& colour) {
  if (colour == std::array<std::uint8_t, 3>{} || pixel_bytes < 3) return;
  for (std::size_t i = 0; i < pixels.size(); i += pixel_bytes) {
    std::copy(colour.begin(), colour.end(), pixels.begin() + std::ptrdiff_t(i));
  }
}

/// Handles a failure to read rows. Returns if Pillow reads the file: the end of the stream is
/// missing after the last row, or the stream ends properly after an earlier row. Otherwise throws
/// Error.
void tolerate_missing(Reader& reader, const RowLayout& layout, std::string_view name) {
  // libpng has no error code for this, only this message in both cases.
  if (!std::string_view(reader.message).ends_with("Not enough image data")) fail(reader, name);
  std::uint64_t expected = 0, rows = 0;
  for (const auto& [count, bytes] : layout) {
    expected += count * bytes;
    rows += count;
  }
  const PngChunks::Unpacked unpacked = reader.chunks.unpack_pixels(expected);
  if (unpacked.broken) fail(reader, name);
  if (unpacked.bytes >= expected) {
    reader.missing = "the end of its compressed pixels is missing";
    return;
  }
  std::uint64_t left = unpacked.bytes, missing = rows;
  for (const auto& [count, bytes] : layout) {
    const std::uint64_t whole = std::min(count, left / bytes);
    left -= whole * bytes;
    missing -= whole;
    if (whole < count) break;
  }
  if (!unpacked.ended || left != 0 || missing == rows) {
    reader.truncated = true;
    keep(reader.message, "the file ends too early, its pixels are incomplete");
    fail(reader, name);
  }
  reader.missing = fmt::format("{} of its {} rows are missing", missing, rows);
}

/// Reads all rows into `to` and the chunks after them. An interlaced image has several passes over
/// the same rows.
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

/// Converts 16-bit grey and alpha to RGBA in place.
void clip_grey(std::vector<std::uint8_t>& pixels) {
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const std::uint8_t grey = pixels[i] != 0 ? 255 : pixels[i + 1];
    pixels[i + 3] = pixels[i + 2];
    pixels[i] = pixels[i + 1] = pixels[i + 2] = grey;
  }
}

/// Decodes EXIF as written by ImageMagick before PNG had a chunk for it: a text "\nexif\n
/// length\nhex digits".
std::string decode_raw_profile(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string digits(text), bytes;
  std::erase_if(digits, [](unsigned char c) { return std::isspace(c) != 0; });
  if (digits.size() % 2 != 0) return {};
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
  if (!reader.chunks.exif().empty()) return read_orientation(reader.chunks.exif(), xmp);
  return read_orientation(std::as_bytes(std::span(exif)), xmp);
}

}  // namespace

Decoded decode_png(std::span<const std::byte> bytes, std::string_view name,
                   const DecodeOptions& options) {
  Reader reader(bytes, name);
  read_header(reader, name);
  Decoded result{sized_image(png_get_image_width(reader.png, reader.info),
                             png_get_image_height(reader.png, reader.info), name, options)};
  const std::size_t pixels = std::size_t(result.image.width) * std::size_t(result.image.height);
  const bool clipped_grey = is_clipped_grey(reader);
  const bool alpha = clipped_grey || options.background;
  std::vector<std::uint8_t>& rows = result.image.rgb;
  rows.resize(pixels * (alpha ? 4 : 3));
  const RowLayout layout = row_layout(reader);
  const auto first_colour = colour_of_missing(reader);
  if (!clipped_grey) fill_pixels(rows, alpha ? 4 : 3, first_colour);
  const bool fine = guarded(reader, [&] {
    request_rows(reader, clipped_grey, alpha);
    read_rows(reader, rows.size() / std::size_t(result.image.height), rows.data());
  });
  if (!fine) tolerate_missing(reader, layout, name);
  warn(reader, name, options);
  if (clipped_grey) clip_grey(rows);
  if (alpha) drop_alpha(rows.data(), pixels, options, rows.data());
  rows.resize(pixels * 3);
  result.orientation = find_orientation(reader);
  return result;
}

DecodedLabels decode_png_labels(std::span<const std::byte> bytes, std::string_view name,
                                const DecodeOptions& options, PaletteLabels palette) {
  Reader reader(bytes, name);
  read_header(reader, name);
  DecodedLabels result;
  result.packed.image = sized_image(png_get_image_width(reader.png, reader.info),
                                    png_get_image_height(reader.png, reader.info), name, options);
  Image& image = result.packed.image;
  const LabelFormat format = label_format(reader, name, palette);
  const std::size_t row_bytes =
      std::size_t(image.width) * (format.colour_bytes + format.alpha_bytes);
  std::vector<std::uint8_t> stored(row_bytes * std::size_t(image.height));
  const bool fine = guarded(reader, [&] {
    // Unpacks bits of grey or of an index into bytes without scaling: they are labels.
    png_set_packing(reader.png);
    if (!format.numbers) png_set_palette_to_rgb(reader.png);
    read_rows(reader, row_bytes, stored.data());
  });
  // A missing row has no label.
  if (!fine) fail(reader, name);
  warn(reader, name, options);
  image.rgb = pack_labels(stored, format, name);
  result.packed.orientation = find_orientation(reader);
  result.colours = !format.numbers;
  return result;
}

}  // namespace whyclip::detail
