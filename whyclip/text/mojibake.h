#pragma once

#include <span>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// Returns whether a text has a sequence of characters that hardly occurs unless UTF-8 was read as
/// a single-byte encoding (mojibake, "Ã©" for "é"): the heuristic of ftfy 6.3, ftfy/badness.py,
/// whose categories of characters and list of sequences are restated in mojibake.cpp.
bool looks_like_mojibake(std::span<const Character> text);

}  // namespace whyclip
