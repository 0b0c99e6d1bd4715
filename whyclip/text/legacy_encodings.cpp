#include "whyclip/text/legacy_encodings.h"

#include <array>
#include <cstddef>
#include <unordered_map>

namespace whyclip {
namespace {

constexpr std::size_t kUpperBytes = 128;
constexpr char32_t kSubstitute = 0x1A;
constexpr char32_t kReplacementCharacter = 0xFFFD;

/// The code points of the bytes 0x80 … 0xFF, 0 for undefined bytes.
using UpperHalf = std::array<char16_t, kUpperBytes>;

#include "whyclip/text/legacy_encodings.inc"

using Bytes = std::unordered_map<char32_t, std::uint8_t>;

/// The characters of the upper half of each encoding.
const std::array<Bytes, kLegacyEncodings>& upper_bytes() {
  static const std::array<Bytes, kLegacyEncodings> tables = [] {
    std::array<Bytes, kLegacyEncodings> result;
    for (std::size_t encoding = 0; encoding < result.size(); ++encoding) {
      for (unsigned byte = 0x80; byte < 0x100; ++byte) {
        const auto value = static_cast<std::uint8_t>(byte);
        result[encoding].emplace(character_of(value, static_cast<LegacyEncoding>(encoding)), value);
      }
    }
    return result;
  }();
  return tables;
}

}  // namespace

bool is_windows(LegacyEncoding encoding) {
  return encoding >= LegacyEncoding::kWindows1252 && encoding <= LegacyEncoding::kWindows1257;
}

std::optional<std::uint8_t> byte_of(char32_t code, LegacyEncoding encoding) {
  if (is_windows(encoding)) {
    if (code == kSubstitute) return std::nullopt;
    if (code == kReplacementCharacter) return static_cast<std::uint8_t>(kSubstitute);
  }
  if (code < 0x80) return static_cast<std::uint8_t>(code);
  const Bytes& bytes = upper_bytes()[static_cast<std::size_t>(encoding)];
  const auto found = bytes.find(code);
  return found == bytes.end() ? std::nullopt : std::optional(found->second);
}

std::optional<char32_t> defined_character(std::uint8_t byte, LegacyEncoding encoding) {
  const char32_t code = kUpperHalves[static_cast<std::size_t>(encoding)][byte - 0x80u];
  return code == 0 ? std::nullopt : std::optional(code);
}

char32_t character_of(std::uint8_t byte, LegacyEncoding encoding) {
  return defined_character(byte, encoding).value_or(byte);
}

}  // namespace whyclip
