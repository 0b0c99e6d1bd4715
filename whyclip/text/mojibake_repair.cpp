#include "whyclip/text/mojibake_repair.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>

#include "whyclip/text/legacy_encodings.h"
#include "whyclip/text/mojibake.h"
#include "whyclip/text/mojibake_bytes.h"

namespace whyclip {
namespace {

using Text = std::vector<Character>;

bool has_same_codes(const Text& a, const Text& b) {
  return std::ranges::equal(a, b, {}, &Character::code, &Character::code);
}

bool is_ascii(const Text& text) {
  return std::ranges::all_of(text, [](const Character& c) { return c.code < 0x80; });
}

std::optional<std::vector<SourceByte>> encode(const Text& text, LegacyEncoding encoding) {
  std::vector<SourceByte> bytes;
  bytes.reserve(text.size());
  for (const Character& character : text) {
    const std::optional<std::uint8_t> byte = byte_of(character.code, encoding);
    if (!byte) return std::nullopt;
    bytes.push_back({*byte, character.begin, character.end});
  }
  return bytes;
}

/// The text read as UTF-8 after encoding it; nullopt if that is not possible.
std::optional<Text> read_again(const Text& text, LegacyEncoding encoding) {
  std::optional<std::vector<SourceByte>> bytes = encode(text, encoding);
  if (!bytes) return std::nullopt;
  // In MacRoman, a sequence with a blank would be a dash and a blank.
  if (encoding != LegacyEncoding::kMacRoman) *bytes = restore_no_break_spaces(std::move(*bytes));
  if (is_windows(encoding)) *bytes = replace_lossy_sequences(std::move(*bytes));
  return decode_utf8_variants(*bytes);
}

std::optional<Text> read_again_in_any(const Text& text) {
  for (int encoding = 0; encoding < kLegacyEncodings; ++encoding) {
    std::optional<Text> result = read_again(text, static_cast<LegacyEncoding>(encoding));
    if (result) return result;
  }
  return std::nullopt;
}

/// Roles of a character in a UTF-8 sequence that was read as a single-byte encoding.
using Roles = unsigned;
constexpr Roles kFirstOfTwo = 1, kFirstOfThree = 2, kFirstOfFour = 4, kContinues = 8;
constexpr Roles kContinuesOnly = 16;  // hardly stands for itself next to mojibake

Roles roles_of_byte(unsigned byte) {
  if (byte < 0xC0) return kContinues | kContinuesOnly;
  if (byte >= 0xC2 && byte <= 0xDF) return kFirstOfTwo;
  if (byte >= 0xE0 && byte <= 0xEF) return kFirstOfThree;
  // Other lead bytes of four are those of unassigned characters.
  return byte == 0xF0 || byte == 0xF3 ? kFirstOfFour : 0;
}

/// Blanks, which may have been no-break spaces, dashes, the bullet, quotation marks and the
/// ellipsis: they continue sequences, but are also common next to them.
constexpr std::u32string_view kCommonNeighbours =
    U" \u2013\u2014\u2015\u2018\u2019\u201A\u201C\u201D\u201E\u2022\u2026";

/// The roles in Latin-1 and the Windows encodings (ftfy/chardata.py: UTF8_CLUES).
Roles roles_of(char32_t code) {
  static const auto table = [] {
    constexpr std::array kEncodings = {LegacyEncoding::kLatin1,      LegacyEncoding::kWindows1252,
                                       LegacyEncoding::kWindows1251, LegacyEncoding::kWindows1250,
                                       LegacyEncoding::kWindows1253, LegacyEncoding::kWindows1254,
                                       LegacyEncoding::kWindows1257};
    std::unordered_map<char32_t, Roles> result;
    for (const LegacyEncoding encoding : kEncodings) {
      for (unsigned byte = 0x80; byte < 0x100; ++byte) {
        const auto code_of_byte = defined_character(static_cast<std::uint8_t>(byte), encoding);
        if (code_of_byte) result[*code_of_byte] |= roles_of_byte(byte);
      }
    }
    for (const char32_t each : kCommonNeighbours) {
      result[each] = (result[each] & ~kContinuesOnly) | kContinues;
    }
    return result;
  }();
  const auto found = table.find(code);
  return found == table.end() ? 0 : found->second;
}

/// Length of the sequence at the start of a text; 0 if there is none.
std::size_t sequence_length(std::span<const Roles> roles) {
  constexpr std::array<Roles, 3> kFirst = {kFirstOfTwo, kFirstOfThree, kFirstOfFour};
  const auto continues = [](Roles each) { return (each & kContinues) != 0; };
  for (std::size_t i = 0; i < kFirst.size(); ++i) {
    const std::size_t length = i + 2;
    if ((roles.front() & kFirst[i]) != 0 && roles.size() >= length &&
        std::ranges::all_of(roles.subspan(1, length - 1), continues)) {
      return length;
    }
  }
  return 0;
}

/// Length of a run of sequences.
std::size_t run_length(std::span<const Roles> roles) {
  std::size_t length = 0;
  while (length < roles.size()) {
    const std::size_t next = sequence_length(roles.subspan(length));
    if (next == 0) break;
    length += next;
  }
  return length;
}

/// Repairs runs of sequences inside other text (ftfy/fixes.py: decode_inconsistent_utf8).
Text repair_runs(const Text& text) {
  std::vector<Roles> roles;
  roles.reserve(text.size());
  for (const Character& character : text) roles.push_back(roles_of(character.code));
  Text result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool is_inside = at > 0 && (roles[at - 1] & kContinuesOnly) != 0;
    const std::size_t length = is_inside ? 0 : run_length(std::span(roles).subspan(at));
    if (length == 0) {
      result.push_back(text[at++]);
      continue;
    }
    const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at);
    Text run(begin, begin + static_cast<std::ptrdiff_t>(length));
    // A run that is the whole text would be repaired without end.
    if (length < text.size() && looks_like_mojibake(run)) run = repair_mojibake(std::move(run));
    result.insert(result.end(), run.begin(), run.end());
    at += length;
  }
  return result;
}

bool is_c1(char32_t code) { return code >= 0x80 && code <= 0x9F; }

/// Control characters as windows-1252, like browsers. Undefined ones are unchanged.
Text replace_c1(Text text) {
  for (Character& character : text) {
    if (!is_c1(character.code)) continue;
    character.code =
        character_of(static_cast<std::uint8_t>(character.code), LegacyEncoding::kWindows1252);
  }
  return text;
}

Text repair_once(const Text& text) {
  if (is_ascii(text) || !looks_like_mojibake(text)) return text;
  if (std::optional<Text> whole = read_again_in_any(text)) return std::move(*whole);
  Text runs = repair_runs(text);
  if (!has_same_codes(runs, text)) return runs;
  return replace_c1(text);
}

}  // namespace

std::vector<Character> repair_mojibake(std::vector<Character> text) {
  while (true) {
    Text next = repair_once(text);
    if (has_same_codes(next, text)) return text;
    text = std::move(next);
  }
}

}  // namespace whyclip
