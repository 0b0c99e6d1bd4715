#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// A byte of a text that is encoded again, with the byte range in the prompt of its character.
struct SourceByte {
  std::uint8_t value;
  std::size_t begin, end;
};

/// Returns no-break spaces (byte 0xA0) to UTF-8 sequences in which a program replaced them by
/// blanks (ftfy/fixes.py: restore_byte_a0).
std::vector<SourceByte> restore_no_break_spaces(std::vector<SourceByte> bytes);

/// Replaces UTF-8 sequences in which bytes were lost (0x1A, or one question mark) by U+FFFD
/// (ftfy/fixes.py: replace_lossy_sequences).
std::vector<SourceByte> replace_lossy_sequences(std::vector<SourceByte> bytes);

/// Decodes UTF-8, and its variants with surrogate pairs in six bytes (CESU-8) and U+0000 as C0 80
/// (Java). Returns nullopt if there is any other byte sequence.
std::optional<std::vector<Character>> decode_utf8_variants(const std::vector<SourceByte>& bytes);

}  // namespace whyclip
