#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace whyclip {

/// Which checksum names the content of a file.
enum class ChecksumKind {
  kNone,
  kSha256,   ///< of the content: files in Git LFS
  kGitBlob,  ///< SHA-1 of git's header and the content: files in git
};

/// A checksum that is computed piece by piece.
class Checksum {
 public:
  /// `size`: bytes of the whole content, which git's header contains.
  Checksum(ChecksumKind kind, std::uint64_t size);
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;
  ~Checksum();

  void add(std::span<const char> bytes);
  /// The digits (hexadecimal, lower case); empty for kNone. Call it once.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The kind whose checksum has this many hexadecimal digits, if the text is one: 40 or 64 digits.
ChecksumKind checksum_kind(const std::string& text);

}  // namespace whyclip
