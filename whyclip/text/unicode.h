#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// A code point of a processed text with its byte range in the original text.
struct Character {
  char32_t code;
  std::size_t begin, end;  ///< byte range in the original UTF-8
};

/// Decodes a UTF-8 text. Throws Error(where) with the offset of the first invalid byte.
std::vector<Character> decode_utf8(std::string_view text, std::string_view where);

/// Number of bytes of the first character of a text; 0 if it is invalid UTF-8 or a control
/// character.
std::size_t printable_length(std::string_view text);

bool is_letter(char32_t code);       ///< \p{L}
bool is_number(char32_t code);       ///< \p{N}
bool is_white_space(char32_t code);  ///< \s: the Unicode property White_Space

/// Lower case like Python's str.lower: the full language-independent mapping with the final form of
/// a capital sigma at the end of a word (The Unicode Standard, section 3.13).
std::vector<Character> lower_case(std::vector<Character> text);

}  // namespace whyclip
