#pragma once

#include <string_view>
#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// The clean-up of a prompt by a library's own function, before its tokenizer sees it.
enum class TextCleaning {
  kNone,   ///< Hugging Face: its tokenizers normalise the text themselves (normalizer.h)
  kBasic,  ///< OpenAI's tokenizer without ftfy: references, white space, lower case
  kLower,  ///< OpenAI's, and open_clip's `clean` = lower: ftfy, references, white space, lower case
  kWhitespace,   ///< open_clip's `clean` = whitespace: the same without lower case
  kCanonicalize  ///< open_clip's `clean` = canonicalize: kLower without ASCII punctuation
};

/// Cleans a prompt. All but kNone replace character references twice, strip white space at the ends
/// and collapse it elsewhere to one blank; kLower and the following first repair the text as ftfy
/// does (repair_text.h). Lower case is that of Python. Each character has its byte range in the
/// prompt. Sources: openai/CLIP, simple_tokenizer.py; open_clip 3.3, tokenizer.py: get_clean_fn.
///
/// Throws Error("prompt") naming the byte offset if the prompt is not valid UTF-8.
std::vector<Character> clean_text(std::string_view prompt, TextCleaning cleaning);

/// Collapses each run of white space to one blank with the byte range of the run.
void collapse_white_space(std::vector<Character>& text);

}  // namespace whyclip
