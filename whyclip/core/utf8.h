#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace whyclip {

/// Decodes the code point at byte `at` (at < text.size()) and moves `at` to the next one. Returns
/// nullopt for bytes that are not UTF-8 and moves `at` past them (The Unicode Standard, section
/// 3.9, maximal subparts).
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at);

/// The code points of a UTF-8 text; invalid bytes become U+FFFD.
std::u32string code_points(std::string_view text);

void append_utf8(std::string& text, char32_t code);
std::string to_utf8(std::u32string_view characters);

/// The first `bytes` bytes of a text, without the first bytes of a character that continues after
/// them.
std::string_view cut_at_character(std::string_view text, std::size_t bytes);

/// Number of columns of a character or text on a terminal: 2 for wide East Asian characters
/// (Unicode Standard Annex 11), 0 for combining and invisible characters, otherwise 1. Invalid
/// bytes count as one character.
int columns_of(char32_t code);
int columns_of(std::string_view text);

}  // namespace whyclip
