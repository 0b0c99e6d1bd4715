#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace whyclip {

/// A kind of file that whyclip does not read.
struct FileKind {
  std::string name;    ///< "a GIF"
  std::string advice;  ///< what the user can do: "convert it to PNG"
};

/// The kind of a file by its first bytes, for messages about a file that is not what was expected:
/// other image formats, videos, archives, checkpoints, and texts that a download leaves in place of
/// a file (git-lfs pointers, web pages, error answers). Nothing for JPEG, PNG, WebP and for unknown
/// bytes. Sources of the signatures: the formats' own specifications, and the list of file
/// signatures at https://www.garykessler.net/library/file_sigs.html.
std::optional<FileKind> recognise_file(std::span<const std::byte> bytes);

/// "expected WHAT, got a GIF; convert it to PNG" for a file of a known kind or a text, of which it
/// quotes the first line; an empty text for unknown bytes.
std::string unexpected_kind(std::string_view expected, std::span<const std::byte> bytes);

}  // namespace whyclip
