#pragma once

#include <string_view>
#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// A prompt as CLIP's tokenizer sees it (openai/CLIP, simple_tokenizer.py: basic_clean,
/// whitespace_clean, lower): character references replaced twice, white space at the ends dropped
/// and elsewhere folded to one blank, lower case. Each character keeps the bytes of the prompt that
/// it stands for.
///
/// Not done: anything of ftfy.fix_text, which that file calls first where ftfy is installed (repair
/// of mis-decoded text, straight for curly quotes, plain letters for ligatures and wide forms,
/// composition to NFC). The reference token ids are those without it.
///
/// Throws Error("prompt") naming the byte offset if the prompt is not valid UTF-8.
std::vector<Character> clean_text(std::string_view prompt);

}  // namespace whyclip
