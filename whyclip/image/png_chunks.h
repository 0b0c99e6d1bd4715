#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip::detail {

/// A PNG file as a decoder gets it: only the chunks that decide the pixels and the orientation, in
/// the order of the standard, without what is damaged and does not matter. The spans point into the
/// file and into this object.
class PngChunks {
 public:
  /// Takes the chunks that Pillow takes (PngImagePlugin.py): before the pixels every chunk must be
  /// whole and have the right checksum; checksums of the pixels and behind them do not count, and
  /// the end chunk may be missing. Throws Error naming the chunk where Pillow refuses the file.
  PngChunks(std::span<const std::byte> file, std::string_view name);
  PngChunks(const PngChunks&) = delete;
  PngChunks& operator=(const PngChunks&) = delete;

  /// Pieces that make up the file together. Their checksums are not to be looked at.
  const std::vector<std::span<const std::byte>>& pieces() const { return pieces_; }
  /// How much the compressed pixels unpack to.
  struct Unpacked {
    std::uint64_t bytes = 0;
    bool ended = false;   ///< by the end of the stream, not for lack of data
    bool broken = false;  ///< zlib found an error
  };
  /// At most about `most` bytes are unpacked.
  Unpacked unpack_pixels(std::uint64_t most) const;
  /// The EXIF block, with or without its mark; empty without one.
  std::span<const std::byte> exif() const { return exif_; }
  /// What is wrong with the file and was passed over; empty if nothing is.
  const std::string& damage() const { return damage_; }
  /// Whether Apple's tools wrote the file in their own variant, which is no PNG.
  bool is_apple_variant() const { return apple_variant_; }

 private:
  struct Chunk {
    std::string_view kind;
    std::span<const std::byte> data;
  };

  void read_before_pixels();
  void read_pixels();
  void read_after_pixels();
  bool at_chunk() const;
  Chunk take_chunk(bool must_be_whole);
  void check_size(const Chunk& chunk) const;
  void take_metadata(const Chunk& chunk);
  void keep(std::string_view kind, std::span<const std::byte> data);
  void note(std::string damage);
  [[noreturn]] void fail(std::string_view what) const;

  std::string name_;
  std::span<const std::byte> rest_;  ///< not read yet
  std::span<const std::byte> header_, palette_, alpha_, exif_;
  std::vector<Chunk> texts_;
  std::vector<std::span<const std::byte>> pixels_, pieces_;
  std::deque<std::array<std::byte, 8>> made_;  ///< lengths and kinds of the pieces
  std::string damage_;
  bool apple_variant_ = false, animated_ = false;
};

}  // namespace whyclip::detail
