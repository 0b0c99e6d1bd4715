#include <fmt/format.h>

#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

// jpeglib.h uses size_t and FILE without including them.
#include <jerror.h>
#include <jpeglib.h>

#include "whyclip/core/error.h"
#include "whyclip/image/decode_formats.h"
#include "whyclip/image/orientation.h"

namespace whyclip::detail {
namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;
/// Real progressive files have about ten scans; thousands of scans are a denial-of-service attack.
constexpr int kMostScans = 100;

/// The state of libjpeg. libjpeg reports errors by longjmp, so a guarded step must not own objects
/// with destructors: this object owns all resources.
struct Reader {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  jpeg_source_mgr source{};
  std::jmp_buf back{};
  char message[JMSG_LENGTH_MAX] = {};
  char damage[JMSG_LENGTH_MAX] = {};  ///< the first warning that may concern pixels, or empty
  bool truncated = false;

  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { jpeg_destroy_decompress(&info); }
};

Reader& reader_of(j_common_ptr info) { return *static_cast<Reader*>(info->client_data); }

[[noreturn]] void leave(j_common_ptr info) {
  Reader& reader = reader_of(info);
  info->err->format_message(info, reader.message);
  std::longjmp(reader.back, 1);
}

/// Warnings of libjpeg that do not concern the pixels. libjpeg continues after every warning.
bool is_harmless(int code) {
  switch (code) {
    case JWRN_BOGUS_ICC:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA:
      return true;
    default:
      return false;
  }
}

void on_message(j_common_ptr info, int level) {
  Reader& reader = reader_of(info);
  if (level >= 0 || is_harmless(info->err->msg_code) || reader.damage[0] != 0) return;
  info->err->format_message(info, reader.damage);
}

void on_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  Reader& reader = reader_of(info);
  std::snprintf(reader.message, sizeof reader.message, "more than %d scans", kMostScans);
  std::longjmp(reader.back, 1);
}

/// Runs a step. Returns false if it ended by longjmp.
template <class Step>
[[gnu::noinline]] bool guarded(Reader& reader, const Step& step) {
  if (setjmp(reader.back) != 0) return false;
  step();
  return true;
}

[[noreturn]] void fail(const Reader& reader, std::string_view name) {
  throw Error(name,
              fmt::format("{} JPEG: {}", reader.truncated ? "truncated" : "corrupt or unsupported",
                          reader.message));
}

/// Ends the step because libjpeg needs more bytes than the file has.
[[noreturn]] void fail_truncated(Reader& reader) {
  reader.truncated = true;
  std::snprintf(reader.message, sizeof reader.message, "the file ends too early");
  std::longjmp(reader.back, 1);
}

// Unlike libjpeg's own memory source, this source does not insert an end marker: a file that ends
// too early is rejected. Pillow does the same.
void on_source(j_decompress_ptr) {}
boolean no_more_bytes(j_decompress_ptr) { return FALSE; }
void skip_bytes(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  const std::size_t skipped = std::min(std::size_t(count), info->src->bytes_in_buffer);
  info->src->next_input_byte += skipped;
  info->src->bytes_in_buffer -= skipped;
}

void set_source(Reader& reader, std::span<const std::byte> bytes) {
  jpeg_source_mgr& source = reader.source;
  source.init_source = on_source;
  source.fill_input_buffer = no_more_bytes;
  source.skip_input_data = skip_bytes;
  source.resync_to_restart = jpeg_resync_to_restart;
  source.term_source = on_source;
  source.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
  source.bytes_in_buffer = bytes.size();
  reader.info.src = &source;
}

void read_header(Reader& reader, std::span<const std::byte> bytes, std::string_view name) {
  jpeg_decompress_struct& info = reader.info;
  info.err = jpeg_std_error(&reader.errors);
  info.client_data = &reader;
  reader.errors.error_exit = leave;
  reader.errors.emit_message = on_message;
  reader.progress.progress_monitor = on_progress;
  const bool fine = guarded(reader, [&] {
    jpeg_create_decompress(&info);
    info.progress = &reader.progress;
    jpeg_save_markers(&info, kExifMarker, 0xffff);
    set_source(reader, bytes);
    if (jpeg_read_header(&info, TRUE) == JPEG_SUSPENDED) fail_truncated(reader);
  });
  if (!fine) fail(reader, name);
}

int find_orientation(const jpeg_decompress_struct& info) {
  using namespace std::string_view_literals;
  constexpr auto kExif = "Exif\0\0"sv, kXmp = "http://ns.adobe.com/xap/1.0/\0"sv;
  std::string exif, xmp;
  for (auto marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (data.starts_with(kExif)) exif += data.substr(kExif.size());
    if (data.starts_with(kXmp)) xmp = data.substr(kXmp.size());
  }
  return read_orientation(std::as_bytes(std::span(exif)), xmp);
}

/// One row of inverted CMYK, as Adobe stores it. Pillow, Convert.c, cmyk2rgb().
void cmyk_to_rgb(const std::uint8_t* cmyk, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i) {
    const int light = cmyk[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[3 * i + c] = std::uint8_t(light - multiply_255(255 - cmyk[4 * i + c], light));
    }
  }
}

void read_rows(Reader& reader, Image& image, std::uint8_t* cmyk) {
  jpeg_decompress_struct& info = reader.info;
  const std::size_t width = std::size_t(image.width);
  info.out_color_space = cmyk != nullptr ? JCS_CMYK : JCS_RGB;
  if (jpeg_start_decompress(&info) == FALSE) fail_truncated(reader);
  while (info.output_scanline < info.output_height) {
    std::uint8_t* rgb = image.rgb.data() + info.output_scanline * width * 3;
    std::uint8_t* row = cmyk != nullptr ? cmyk : rgb;
    if (jpeg_read_scanlines(&info, &row, 1) == 0) fail_truncated(reader);
    if (cmyk != nullptr) cmyk_to_rgb(cmyk, width, rgb);
  }
  // All rows are read; a missing end marker does not matter.
  jpeg_finish_decompress(&info);
}

}  // namespace

Decoded decode_jpeg(std::span<const std::byte> bytes, std::string_view name,
                    const DecodeOptions& options) {
  Reader reader;
  read_header(reader, bytes, name);
  const jpeg_decompress_struct& info = reader.info;
  Decoded result{sized_image(info.image_width, info.image_height, name, options),
                 find_orientation(info)};
  const int channels = info.num_components;
  if (channels != 1 && channels != 3 && channels != 4) {
    throw Error(name, fmt::format("expected a JPEG of 1, 3 or 4 channels, got {}", channels));
  }
  result.image.rgb.resize(std::size_t(info.image_width) * info.image_height * 3);
  std::vector<std::uint8_t> cmyk(channels == 4 ? std::size_t(info.image_width) * 4 : 0);
  const bool fine = guarded(
      reader, [&] { read_rows(reader, result.image, cmyk.empty() ? nullptr : cmyk.data()); });
  if (!fine) fail(reader, name);
  std::string_view damage = reader.damage;
  constexpr std::string_view kPrefix = "Corrupt JPEG data: ";
  if (damage.starts_with(kPrefix)) damage.remove_prefix(kPrefix.size());
  if (!damage.empty()) warn_damaged(name, "JPEG", damage, options);
  return result;
}

}  // namespace whyclip::detail
