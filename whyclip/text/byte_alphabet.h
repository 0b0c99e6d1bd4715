#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace whyclip {

/// How a vocabulary file writes the 256 bytes, so that none is a blank or a control character:
/// printable Latin-1 as itself, the other 68 in order from U+0100 (openai/CLIP,
/// simple_tokenizer.py: bytes_to_unicode).
const std::array<std::string, 256>& byte_symbols();

/// The bytes that a vocabulary entry stands for; nothing if it has a character outside of this
/// alphabet.
std::optional<std::string> bytes_of_symbols(std::string_view symbols);

}  // namespace whyclip
