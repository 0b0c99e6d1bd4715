#include "whyclip/image/png_chunks.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "whyclip/core/error.h"

namespace whyclip::detail {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSignature = 8, kHead = 8, kChecksum = 4;
constexpr std::size_t kHeaderSize = 13;  // IHDR, W3C's PNG specification, section 11.2.1
constexpr std::byte kNoChecksum[kChecksum] = {};

std::uint32_t read_big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_kind(std::string_view kind) {
  return std::all_of(kind.begin(), kind.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

bool is_right(std::string_view kind, std::span<const std::byte> data, std::uint32_t checksum) {
  uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(kind.data()), kind.size());
  crc = crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size());
  return crc == checksum;
}

/// Minimum size of the chunks that Pillow parses.
std::size_t least_size(std::string_view kind) {
  constexpr std::pair<std::string_view, std::size_t> kLeast[] = {
      {"IHDR", kHeaderSize}, {"gAMA", 4}, {"cHRM", 32}, {"sRGB", 1},
      {"pHYs", 9},           {"acTL", 8}, {"fcTL", 26}};
  for (const auto& [name, size] : kLeast) {
    if (name == kind) return size;
  }
  return 0;
}

}  // namespace

PngChunks::PngChunks(std::span<const std::byte> file, std::string_view name)
    : name_(name), rest_(file) {
  pieces_.push_back(file.first(kSignature));
  rest_ = rest_.subspan(kSignature);
  read_before_pixels();
  read_pixels();
  read_after_pixels();
  append_piece("IHDR", header_.first(kHeaderSize));
  if (!palette_.empty()) append_piece("PLTE", palette_);
  if (!alpha_.empty()) append_piece("tRNS", alpha_);
  for (const Chunk& chunk : texts_) append_piece(chunk.kind, chunk.data);
  for (const auto& data : pixels_) append_piece("IDAT", data);
  append_piece("IEND", {});
}

void PngChunks::fail(std::string_view what) const { throw Error(name_, what); }

void PngChunks::note(std::string damage) {
  if (damage_.empty()) damage_ = std::move(damage);
}

/// Returns whether the next bytes can be a chunk.
bool PngChunks::at_chunk() const {
  return rest_.size() >= kHead && is_kind(text_of(rest_.subspan(4, 4)));
}

/// Reads the next chunk without its checksum. A truncated chunk is an error if must_be_whole,
/// otherwise it is shortened.
PngChunks::Chunk PngChunks::take_chunk(bool must_be_whole) {
  const std::size_t size = read_big_endian(rest_);
  Chunk chunk{text_of(rest_.subspan(4, 4)), rest_.subspan(kHead)};
  if (chunk.data.size() < size && must_be_whole) {
    fail(
        fmt::format("truncated PNG: the file ends too early, its chunk {} has {} bytes instead of "
                    "{}; download or copy it again",
                    chunk.kind, chunk.data.size(), size));
  }
  chunk.data = chunk.data.first(std::min(chunk.data.size(), size));
  rest_ = rest_.subspan(kHead + chunk.data.size());
  return chunk;
}

void PngChunks::check_size(const Chunk& chunk) const {
  if (chunk.data.size() >= least_size(chunk.kind)) return;
  fail(fmt::format("corrupt PNG: its chunk {} has {} bytes, too few", chunk.kind,
                   chunk.data.size()));
}

void PngChunks::take_metadata(const Chunk& chunk) {
  constexpr std::string_view kTextOfExif = "exif\0"sv;  // used by some writers before eXIf existed
  if (chunk.kind == "eXIf") exif_ = chunk.data;
  if (chunk.kind == "tEXt" && text_of(chunk.data).starts_with(kTextOfExif)) {
    exif_ = chunk.data.subspan(kTextOfExif.size());
  }
  if (chunk.kind == "tEXt" || chunk.kind == "zTXt" || chunk.kind == "iTXt") {
    texts_.push_back(chunk);
  }
}

void PngChunks::read_before_pixels() {
  while (true) {
    if (rest_.size() < kHead) fail("truncated PNG: the file ends too early, before its pixels");
    if (!at_chunk()) fail("corrupt PNG: no chunk where one is expected before its pixels");
    if (text_of(rest_.subspan(4, 4)) == "IDAT") break;
    const Chunk chunk = take_chunk(true);
    if (chunk.kind == "IEND") fail("corrupt PNG: it has no pixels");
    if (rest_.size() < kChecksum) fail("truncated PNG: the file ends too early, before its pixels");
    if (!is_right(chunk.kind, chunk.data, read_big_endian(rest_))) {
      fail(
          fmt::format("corrupt PNG: the checksum of its chunk {} is wrong; download or copy it "
                      "again",
                      chunk.kind));
    }
    rest_ = rest_.subspan(kChecksum);
    check_size(chunk);
    if (chunk.kind == "IHDR") header_ = chunk.data;
    if (chunk.kind == "PLTE") palette_ = chunk.data.first(chunk.data.size() / 3 * 3);
    if (chunk.kind == "tRNS") alpha_ = chunk.data;
    if (chunk.kind == "CgBI") apple_variant_ = true;
    if (chunk.kind == "acTL") animated_ = read_big_endian(chunk.data) > 1;
    take_metadata(chunk);
  }
  if (header_.empty()) fail("corrupt PNG: its header chunk IHDR is missing");
}

void PngChunks::read_pixels() {
  while (at_chunk() && text_of(rest_.subspan(4, 4)) == "IDAT") {
    const Chunk chunk = take_chunk(false);
    pixels_.push_back(chunk.data);
    if (rest_.size() < kChecksum) {
      note("the file ends before the checksum of its pixels");
      rest_ = {};
    } else {
      if (!is_right(chunk.kind, chunk.data, read_big_endian(rest_))) {
        note("a checksum of its pixels is wrong");
      }
      rest_ = rest_.subspan(kChecksum);
    }
  }
}

void PngChunks::read_after_pixels() {
  while (at_chunk()) {
    const std::string_view kind = text_of(rest_.subspan(4, 4));
    // Frames of an animation after the first one are ignored.
    if (kind == "IEND" || (kind == "fcTL" && animated_)) return;
    const Chunk chunk = take_chunk(true);
    check_size(chunk);
    const bool checked = rest_.size() >= kChecksum;
    if (!checked || !is_right(chunk.kind, chunk.data, read_big_endian(rest_))) {
      note(fmt::format("the checksum of its chunk {} is wrong", chunk.kind));
    }
    rest_ = rest_.subspan(std::min(rest_.size(), kChecksum));
    take_metadata(chunk);
  }
  note("its end chunk is missing");
}

PngChunks::Unpacked PngChunks::unpack_pixels(std::uint64_t most) const {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return {};
  Unpacked result;
  std::array<Bytef, 65536> unpacked;
  int code = Z_OK;
  for (auto piece = pixels_.begin(); piece != pixels_.end() && code == Z_OK; ++piece) {
    // zlib's interface is not const-correct; it does not write here.
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(piece->data()));
    stream.avail_in = uInt(piece->size());  // a chunk has fewer than 2³² bytes
    do {
      stream.next_out = unpacked.data();
      stream.avail_out = unpacked.size();
      code = inflate(&stream, Z_NO_FLUSH);
      result.bytes += unpacked.size() - stream.avail_out;
    } while (code == Z_OK && stream.avail_out == 0 && result.bytes < most);
    if (code == Z_BUF_ERROR) code = Z_OK;  // needs the next piece
  }
  inflateEnd(&stream);
  result.ended = code == Z_STREAM_END;
  result.broken = code < 0;
  return result;
}

void PngChunks::append_piece(std::string_view kind, std::span<const std::byte> data) {
  std::array<std::byte, kHead>& head = heads_.emplace_back();
  for (std::size_t i = 0; i < 4; ++i) head[i] = std::byte(data.size() >> (24 - 8 * i));
  std::memcpy(head.data() + 4, kind.data(), 4);
  pieces_.insert(pieces_.end(), {head, data, kNoChecksum});
}

}  // namespace whyclip::detail
