#include "whyclip/core/utf8.h"

#include <unicode/uchar.h>
#include <unicode/utf.h>

#include <cstdint>

namespace whyclip {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kSoftHyphen = 0xAD;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

bool is_invisible(UChar32 code) {
  constexpr std::uint32_t kCategories = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK;
  const int syllable = u_getIntPropertyValue(code, UCHAR_HANGUL_SYLLABLE_TYPE);
  return (U_GET_GC_MASK(code) & kCategories) != 0 || syllable == U_HST_VOWEL_JAMO ||
         syllable == U_HST_TRAILING_JAMO;
}

}  // namespace

std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
  const std::uint8_t* bytes = bytes_of(text);
  UChar32 code = 0;
  U8_NEXT(bytes, at, text.size(), code);
  return code < 0 ? std::nullopt : std::optional(char32_t(code));
}

std::u32string code_points(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    characters.push_back(next_code_point(text, at).value_or(kReplacement));
  }
  return characters;
}

void append_utf8(std::string& text, char32_t code) {
  char bytes[U8_MAX_LENGTH];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, code);
  text.append(bytes, length);
}

std::string to_utf8(std::u32string_view characters) {
  std::string text;
  for (const char32_t code : characters) append_utf8(text, code);
  return text;
}

std::string_view cut_at_character(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  auto length = std::ptrdiff_t(bytes);  // the macro subtracts
  U8_TRUNCATE_IF_INCOMPLETE(bytes_of(text), 0, length);
  return text.substr(0, std::size_t(length));
}

int columns_of(char32_t code) {
  const auto character = static_cast<UChar32>(code);
  if (code == kSoftHyphen) return 1;
  if (is_invisible(character)) return 0;
  const int width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

int columns_of(std::string_view text) {
  int columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    columns += columns_of(next_code_point(text, at).value_or(kReplacement));
  }
  return columns;
}

}  // namespace whyclip
