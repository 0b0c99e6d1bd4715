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
bool is_python_space(
    char32_t code);  ///< str.isspace: White_Space and the separators U+001C … U+001F
bool is_decimal_digit(char32_t code);  ///< \p{Nd}
/// \w of Unicode Technical Standard 18: letters, marks, decimal digits, connectors, joiners.
bool is_word_character(char32_t code);

/// Lower case like Python's str.lower: the full language-independent mapping with the final form of
/// a capital sigma at the end of a word (The Unicode Standard, section 3.13).
std::vector<Character> lower_case(std::vector<Character> text);

/// Lower case of each character alone, like Rust's char::to_lowercase: a capital sigma is never
/// final.
std::vector<Character> lower_case_each(std::vector<Character> text);

/// The full upper case of a character, independent of language: "SS" for ß.
std::u32string upper_case(char32_t code);

/// Composes to normalisation form C (Unicode Standard Annex 15). Each changed run of a base
/// character and its marks has the byte range of the run.
std::vector<Character> compose(std::vector<Character> text);

/// The compatibility form NFKC of a character.
std::u32string compatibility_form(char32_t code);

}  // namespace whyclip
