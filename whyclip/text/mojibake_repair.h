#pragma once

#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// Reads text in UTF-8 again that was read as a single-byte encoding by mistake ("cafÃ©" becomes
/// "café"), like ftfy 6.3 (ftfy.fix_encoding with its default options): whole texts in one of ten
/// encodings, then sequences inside other text, then control characters U+0080 … U+009F as
/// windows-1252. Text without the signs of looks_like_mojibake is unchanged. A repaired character
/// has the byte range of the characters that it was made of.
std::vector<Character> repair_mojibake(std::vector<Character> text);

}  // namespace whyclip
