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

/// A PNG file reduced for the decoder to the chunks that determine pixels and orientation, in the
/// order of the standard, without harmless damage. The spans point into the file and into this
/// object.
class PngChunks {
 public:
  /// Accepts the same files as Pillow (PngImagePlugin.py): before the pixels every chunk must be
  /// complete with a correct checksum; checksums of the pixels and after them are ignored, and the
  /// end chunk may be missing. Throws Error naming the chunk if Pillow rejects the file.
  PngChunks(std::span<const std::byte> file, std::string_view name);
  PngChunks(const PngChunks&) = delete;
  PngChunks& operator=(const PngChunks&) = delete;

  /// The pieces of the reduced file, with invalid checksums.
  const std::vector<std::span<const std::byte>>& pieces() const { return pieces_; }
  /// Result of decompressing the pixels.
  struct Unpacked {
    std::uint64_t bytes = 0;
    bool ended = false;   ///< the end of the stream was reached
    bool broken = false;  ///< zlib found an error
  };
  /// Decompresses at most about `most` bytes.
  Unpacked unpack_pixels(std::uint64_t most) const;
  /// The EXIF block, with or without its "Exif\0\0" prefix, or an empty span.
  std::span<const std::byte> exif() const { return exif_; }
  /// Description of the first ignored damage, or empty.
  const std::string& damage() const { return damage_; }
  /// Returns whether the file is Apple's variant of PNG (CgBI), which is not a valid PNG.
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
  void append_piece(std::string_view kind, std::span<const std::byte> data);
  void note(std::string damage);
  [[noreturn]] void fail(std::string_view what) const;

  std::string name_;
  std::span<const std::byte> rest_;  ///< unread bytes
  std::span<const std::byte> header_, palette_, alpha_, exif_;
  std::vector<Chunk> texts_;
  std::vector<std::span<const std::byte>> pixels_, pieces_;
  std::deque<std::array<std::byte, 8>> heads_;  ///< chunk headers of the pieces
  std::string damage_;
  bool apple_variant_ = false, animated_ = false;
};

}  // namespace whyclip::detail
