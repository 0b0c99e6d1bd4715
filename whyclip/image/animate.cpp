#include "whyclip/image/animate.h"

#include <fmt/format.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <memory>
#include <new>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

constexpr const char* kWhere = "animation";
constexpr int kEffort = 1;  ///< of 9; higher values take several times as long for a few per cent

struct Deleter {
  void operator()(WebPAnimEncoder* encoder) const { WebPAnimEncoderDelete(encoder); }
};
using Encoder = std::unique_ptr<WebPAnimEncoder, Deleter>;

void check(std::span<const Frame> frames) {
  if (frames.empty()) throw Error(kWhere, "expected at least one frame");
  const Image& first = frames[0].image;
  for (const auto& [image, milliseconds] : frames) {
    check_image(image, kWhere);
    if (image.width != first.width || image.height != first.height) {
      throw Error(kWhere, fmt::format("expected frames of one size, got {} × {} after {} × {}",
                                      image.width, image.height, first.width, first.height));
    }
    if (milliseconds < 1) {
      throw Error(kWhere,
                  fmt::format("a frame must last at least 1 millisecond, got {} milliseconds",
                              milliseconds));
    }
  }
  if (std::max(first.width, first.height) > WEBP_MAX_DIMENSION) {
    throw Error(kWhere, fmt::format("{} × {} pixels are too many: WebP has at most {} a side",
                                    first.width, first.height, WEBP_MAX_DIMENSION));
  }
}

void check(bool succeeded, const WebPAnimEncoder* encoder) {
  if (succeeded) return;
  const char* reason = WebPAnimEncoderGetError(const_cast<WebPAnimEncoder*>(encoder));
  throw Error(kWhere, fmt::format("cannot be encoded: {}", reason == nullptr ? "" : reason));
}

void add(WebPAnimEncoder* encoder, const Image& image, int time) {
  WebPConfig config;
  WebPPicture frame;
  if (WebPConfigInit(&config) == 0 || WebPConfigLosslessPreset(&config, kEffort) == 0 ||
      WebPPictureInit(&frame) == 0) {
    throw Error(kWhere, "libwebp has another version than whyclip was compiled for");
  }
  const std::unique_ptr<WebPPicture, void (*)(WebPPicture*)> owner(&frame, WebPPictureFree);
  frame.use_argb = 1;
  frame.width = image.width;
  frame.height = image.height;
  const bool added = WebPPictureImportRGB(&frame, image.rgb.data(), image.width * 3) != 0 &&
                     WebPAnimEncoderAdd(encoder, &frame, time, &config) != 0;
  check(added, encoder);
}

}  // namespace

std::vector<std::byte> encode_animation(std::span<const Frame> frames) {
  check(frames);
  WebPAnimEncoderOptions options;
  if (WebPAnimEncoderOptionsInit(&options) == 0) {
    throw Error(kWhere, "libwebpmux has another version than whyclip was compiled for");
  }
  const Encoder encoder(
      WebPAnimEncoderNew(frames[0].image.width, frames[0].image.height, &options));
  if (encoder == nullptr) throw std::bad_alloc();
  int time = 0;
  for (const Frame& frame : frames) {
    add(encoder.get(), frame.image, time);
    time += frame.milliseconds;
  }
  check(WebPAnimEncoderAdd(encoder.get(), nullptr, time, nullptr) != 0, encoder.get());
  WebPData data;
  WebPDataInit(&data);
  const std::unique_ptr<WebPData, void (*)(WebPData*)> owner(&data, WebPDataClear);
  check(WebPAnimEncoderAssemble(encoder.get(), &data) != 0, encoder.get());
  const auto bytes = std::as_bytes(std::span(data.bytes, data.size));
  return {bytes.begin(), bytes.end()};
}

}  // namespace whyclip
