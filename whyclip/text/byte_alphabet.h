#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace whyclip {

/// Symbols of the 256 bytes in a vocabulary file, without blanks and control characters: printable
/// Latin-1 is unchanged, the other 68 bytes are in order from U+0100 (openai/CLIP,
/// simple_tokenizer.py: bytes_to_unicode).
const std::array<std::string, 256>& byte_symbols();

/// Returns whether a symbol of byte_symbols() is one of the 68 in order from U+0100.
bool is_shifted_symbol(std::string_view symbol);

/// Decodes a vocabulary entry to bytes; nullopt if it has a character outside this alphabet.
std::optional<std::string> bytes_of_symbols(std::string_view symbols);

}  // namespace whyclip
