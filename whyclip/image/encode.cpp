#include "whyclip/image/encode.h"

#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <new>
#include <string>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

/// Fixed, so that the bytes do not depend on zlib's default.
constexpr int kCompressionLevel = 3;

/// The state of libpng. libpng reports errors by longjmp, so the guarded step must not own objects
/// with destructors: this object owns all resources.
struct Writer {
  std::vector<std::byte> bytes;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf back{};
  char message[160] = "out of memory";

  Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  Writer& writer = *static_cast<Writer*>(png_get_error_ptr(png));
  std::snprintf(writer.message, sizeof writer.message, "%s", message);
  std::longjmp(writer.back, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

bool append(std::vector<std::byte>& bytes, const std::byte* from, std::size_t size) {
  try {
    bytes.insert(bytes.end(), from, from + size);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void write_data(png_structp png, png_bytep from, std::size_t size) {
  Writer& writer = *static_cast<Writer*>(png_get_io_ptr(png));
  // An exception must not pass through libpng's frames.
  if (!append(writer.bytes, reinterpret_cast<const std::byte*>(from), size)) {
    png_error(png, "out of memory");
  }
}

void flush_nothing(png_structp) {}

/// Returns false if libpng failed.
[[gnu::noinline]] bool write(Writer& writer, const Image& image) {
  if (setjmp(writer.back) != 0) return false;
  writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_error, ignore_warning);
  if (writer.png == nullptr) return false;
  writer.info = png_create_info_struct(writer.png);
  if (writer.info == nullptr) return false;
  png_set_write_fn(writer.png, &writer, write_data, flush_nothing);
  png_set_user_limits(writer.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_compression_level(writer.png, kCompressionLevel);
  png_set_IHDR(writer.png, writer.info, png_uint_32(image.width), png_uint_32(image.height), 8,
               PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  for (int y = 0; y < image.height; ++y) {
    png_write_row(writer.png, image.rgb.data() + std::size_t(y) * std::size_t(image.width) * 3);
  }
  png_write_end(writer.png, nullptr);
  return true;
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image) {
  check_image(image, "image");
  Writer writer;
  if (!write(writer, image))
    throw Error("image", std::string("cannot be encoded as PNG: ") + writer.message);
  return std::move(writer.bytes);
}

}  // namespace whyclip
