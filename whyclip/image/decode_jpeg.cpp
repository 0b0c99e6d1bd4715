#include <fmt/format.h>

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
/// Real progressive files have about ten scans; a file with thousands only wants to keep us busy.
constexpr int kMostScans = 100;

/// Everything libjpeg touches. It leaves its functions by longjmp, so that nothing with a
/// destructor may live inside a guarded step: what must be freed is here.
struct Reader {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf back{};
  char message[JMSG_LENGTH_MAX] = {};
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

/// libjpeg goes on after these and invents the missing pixels; for us they are errors.
bool means_lost_pixels(int code) {
  switch (code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA:
      return false;
    default:
      return true;
  }
}

void on_message(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level >= 0 || !means_lost_pixels(code)) return;
  reader_of(info).truncated = code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER;
  leave(info);
}

void on_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  Reader& reader = reader_of(info);
  std::snprintf(reader.message, sizeof reader.message, "more than %d scans", kMostScans);
  std::longjmp(reader.back, 1);
}

/// Runs a step that may be left by longjmp; false if it was.
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
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&info, TRUE);
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

void read_rows(Reader& reader, Picture& picture, std::uint8_t* cmyk) {
  jpeg_decompress_struct& info = reader.info;
  const std::size_t width = std::size_t(picture.width);
  info.out_color_space = cmyk != nullptr ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    std::uint8_t* rgb = picture.rgb.data() + info.output_scanline * width * 3;
    std::uint8_t* row = cmyk != nullptr ? cmyk : rgb;
    jpeg_read_scanlines(&info, &row, 1);
    if (cmyk != nullptr) cmyk_to_rgb(cmyk, width, rgb);
  }
  jpeg_finish_decompress(&info);
}

}  // namespace

Decoded decode_jpeg(std::span<const std::byte> bytes, std::string_view name,
                    const DecodeOptions& options) {
  Reader reader;
  read_header(reader, bytes, name);
  const jpeg_decompress_struct& info = reader.info;
  Decoded result{sized_picture(info.image_width, info.image_height, name, options),
                 find_orientation(info)};
  const int channels = info.num_components;
  if (channels != 1 && channels != 3 && channels != 4) {
    throw Error(name, fmt::format("expected a JPEG of 1, 3 or 4 channels, got {}", channels));
  }
  result.picture.rgb.resize(std::size_t(info.image_width) * info.image_height * 3);
  std::vector<std::uint8_t> cmyk(channels == 4 ? std::size_t(info.image_width) * 4 : 0);
  const bool fine = guarded(
      reader, [&] { read_rows(reader, result.picture, cmyk.empty() ? nullptr : cmyk.data()); });
  if (!fine) fail(reader, name);
  return result;
}

}  // namespace whyclip::detail
