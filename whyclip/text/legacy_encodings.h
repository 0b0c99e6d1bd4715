#pragma once

#include <cstdint>
#include <optional>

namespace whyclip {

/// Single-byte encodings that text in UTF-8 is often read in by mistake, in the order in which a
/// repair tries them.
enum class LegacyEncoding : std::uint8_t {
  kLatin1,
  kWindows1252,
  kWindows1251,
  kWindows1250,
  kWindows1253,
  kWindows1254,
  kWindows1257,
  kIso8859Part2,
  kMacRoman,
  kCodePage437,
};

inline constexpr int kLegacyEncodings = 10;

/// Whether it is a Windows encoding, whose undefined bytes are read as the control characters of
/// the same number, and whose byte 0x1A stands for U+FFFD.
bool is_windows(LegacyEncoding encoding);

/// The byte of a character; nullopt if the encoding has none. Undefined bytes of the Windows
/// encodings count as control characters.
std::optional<std::uint8_t> byte_of(char32_t code, LegacyEncoding encoding);

/// The character of a byte from 0x80; nullopt if the encoding does not define it.
std::optional<char32_t> defined_character(std::uint8_t byte, LegacyEncoding encoding);

/// The same, with undefined bytes as control characters.
char32_t character_of(std::uint8_t byte, LegacyEncoding encoding);

}  // namespace whyclip
