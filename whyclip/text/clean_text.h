#pragma once

#include <string_view>
#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// Normalises a prompt like CLIP's tokenizer (openai/CLIP, simple_tokenizer.py: basic_clean,
/// whitespace_clean, lower): replaces character references twice, strips white space at the ends
/// and collapses it elsewhere to one blank, and converts to lower case. Each character has its byte
/// range in the prompt.
///
/// Does not apply ftfy.fix_text, which that file calls first if ftfy is installed (repair of
/// mis-decoded text, straight quotes, plain letters for ligatures and wide forms, composition to
/// NFC). The reference token ids are without it.
///
/// Throws Error("prompt") naming the byte offset if the prompt is not valid UTF-8.
std::vector<Character> clean_text(std::string_view prompt);

}  // namespace whyclip
