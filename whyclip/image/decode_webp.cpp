#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "whyclip/core/error.h"
#include "whyclip/image/decode_formats.h"
#include "whyclip/image/orientation.h"

namespace whyclip::detail {
namespace {

/// Returns whether the RIFF header declares more bytes than the file has.
bool is_truncated(std::span<const std::byte> bytes) {
  constexpr std::size_t kRiffHeader = 8;
  if (bytes.size() < kRiffHeader) return true;
  std::size_t size = 0;
  for (int i = 3; i >= 0; --i) size = size << 8 | std::to_integer<std::size_t>(bytes[4 + i]);
  return bytes.size() - kRiffHeader < size;
}

[[noreturn]] void fail(std::span<const std::byte> bytes, std::string_view name) {
  throw Error(name, is_truncated(bytes)
                        ? fmt::format("truncated WebP: the file ends too early, after {} bytes",
                                      bytes.size())
                        : "corrupt WebP: it cannot be decoded");
}

/// A metadata chunk, or an empty span. Points into the file's bytes.
std::span<const std::byte> chunk(const WebPDemuxer* demuxer, const char* four_letters) {
  WebPChunkIterator found;
  if (WebPDemuxGetChunk(demuxer, four_letters, 1, &found) == 0) return {};
  const auto bytes = std::as_bytes(std::span(found.chunk.bytes, found.chunk.size));
  WebPDemuxReleaseChunkIterator(&found);
  return bytes;
}

int find_orientation(const WebPDemuxer* demuxer) {
  const auto xmp = chunk(demuxer, "XMP ");
  return read_orientation(chunk(demuxer, "EXIF"),
                          {reinterpret_cast<const char*>(xmp.data()), xmp.size()});
}

}  // namespace

Decoded decode_webp(std::span<const std::byte> bytes, std::string_view name,
                    const DecodeOptions& options) {
  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK) fail(bytes, name);
  Decoded result{sized_image(features.width, features.height, name, options)};

  // The animation decoder also reads still images, and places a small first frame on its canvas.
  WebPAnimDecoderOptions wanted;
  if (WebPAnimDecoderOptionsInit(&wanted) == 0) throw Error(name, "libwebp has another version");
  wanted.color_mode = MODE_RGBA;
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&data, &wanted), WebPAnimDecoderDelete);
  std::uint8_t* rgba = nullptr;
  int time = 0;
  WebPAnimInfo info;
  if (!decoder || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0 ||
      info.canvas_width != std::uint32_t(features.width) ||
      info.canvas_height != std::uint32_t(features.height) ||
      WebPAnimDecoderGetNext(decoder.get(), &rgba, &time) == 0) {
    fail(bytes, name);
  }
  const std::size_t pixels = std::size_t(features.width) * std::size_t(features.height);
  result.image.rgb.resize(pixels * 3);
  drop_alpha(rgba, pixels, options, result.image.rgb.data());
  result.orientation = find_orientation(WebPAnimDecoderGetDemuxer(decoder.get()));
  return result;
}

}  // namespace whyclip::detail
