#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// One code point of a text under clean-up, and the bytes of the original text it stands for.
struct Character {
  char32_t code;
  std::size_t begin, end;  ///< byte range in the original UTF-8
};

/// The code points of a UTF-8 text. Throws Error(where) naming the byte offset of the first invalid
/// byte.
std::vector<Character> decode_utf8(std::string_view text, std::string_view where);

void append_utf8(std::string& text, char32_t code);

/// How many bytes the first character of a text has; 0 if it is not valid UTF-8 or a control
/// character.
std::size_t printable_length(std::string_view text);

bool is_letter(char32_t code);       ///< \p{L}
bool is_number(char32_t code);       ///< \p{N}
bool is_white_space(char32_t code);  ///< \s: the Unicode property White_Space

/// Lower case as Python's str.lower: the full mapping of no particular language, a capital sigma at
/// the end of a word becoming the final one (The Unicode Standard, section 3.13).
std::vector<Character> lower_case(std::vector<Character> text);

}  // namespace whyclip
