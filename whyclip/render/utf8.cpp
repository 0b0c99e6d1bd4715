#include "whyclip/render/utf8.h"

#include <unicode/unistr.h>

#include <cstddef>
#include <cstdint>

namespace whyclip {

std::u32string code_points(std::string_view text) {
  const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
  const icu::UnicodeString utf16 = icu::UnicodeString::fromUTF8(piece);
  std::u32string characters;
  characters.reserve(static_cast<std::size_t>(utf16.length()));
  for (std::int32_t i = 0; i < utf16.length(); i = utf16.moveIndex32(i, 1)) {
    characters.push_back(static_cast<char32_t>(utf16.char32At(i)));
  }
  return characters;
}

std::string to_utf8(std::u32string_view characters) {
  icu::UnicodeString utf16;
  for (const char32_t c : characters) utf16.append(static_cast<UChar32>(c));
  std::string text;
  utf16.toUTF8String(text);
  return text;
}

}  // namespace whyclip
