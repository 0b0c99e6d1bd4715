#pragma once

#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// Repairs a text like ftfy 6.3 (ftfy.fix_text with its default options), line by line until
/// nothing changes: character references (not after a line with "<"), mojibake (mojibake_repair.h),
/// Latin ligatures, full- and half-width forms, curly quotes, line breaks, terminal escapes,
/// control characters, composition to NFC. A repaired character has the byte range of those that it
/// was made of. Throws Error("prompt") if references are nested more than 1000 times, which bounds
/// the time.
std::vector<Character> repair_text(std::vector<Character> text);

}  // namespace whyclip
