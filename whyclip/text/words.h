#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// A range of characters that is tokenised independently.
struct Word {
  std::size_t begin, end;
};

/// The pattern by which a library splits a text into words.
enum class WordPattern {
  kOpenAi,       ///< special tokens <|startoftext|> and <|endoftext|>; ignores case
  kOpenClip,     ///< special tokens <start_of_text> and <end_of_text>; ignores case
  kHuggingFace,  ///< no special tokens (they are found before, added_tokens.h); case matters
};

/// Splits a cleaned text into words by CLIP's pattern (openai/CLIP, simple_tokenizer.py; open_clip,
/// tokenizer.py; transformers, convert_slow_tokenizer.py: CLIPConverter):
///   SPECIAL|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
std::vector<Word> split_words(std::span<const Character> text, WordPattern pattern);

/// The spelling of the start and end tokens in the pattern; empty if it has none.
std::string_view start_in_text(WordPattern pattern);
std::string_view end_in_text(WordPattern pattern);

}  // namespace whyclip
