#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace whyclip {

/// A kind of file that whyclip cannot read.
struct FileKind {
  std::string name;    ///< "a GIF"
  std::string advice;  ///< advice to the user: "convert it to PNG"
};

/// Recognises the kind of a file from its first bytes, for error messages about unexpected files:
/// other image formats, videos, archives, checkpoints, and texts that a download saves instead of a
/// file (git-lfs pointers, web pages, server errors). Returns nullopt for JPEG, PNG, WebP and
/// unknown bytes. References of the signatures: the formats' own specifications, and the list of
/// file signatures at https://www.garykessler.net/library/file_sigs.html.
std::optional<FileKind> recognise_file(std::span<const std::byte> bytes);

/// Formats "expected WHAT, got a GIF; convert it to PNG" for a file of a known kind. For a text it
/// quotes the first line. Returns an empty string for unknown bytes.
std::string unexpected_kind(std::string_view expected, std::span<const std::byte> bytes);

}  // namespace whyclip
