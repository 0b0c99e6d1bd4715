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
  kOpenAi,    ///< special tokens <|startoftext|> and <|endoftext|>; ignores case
  kOpenClip,  ///< special tokens <start_of_text> and <end_of_text>; ignores case
  /// No special tokens, because they are found before (added_tokens.h); case matters.
  kTransformers4,
  /// The same, but what is left of <|startoftext|> and <|endoftext|> is divided into three words,
  /// apart from its neighbours.
  kTransformers5,
};

/// Splits a cleaned text into words by CLIP's pattern (openai/CLIP, simple_tokenizer.py; open_clip,
/// tokenizer.py; transformers 4, convert_slow_tokenizer.py: CLIPConverter; transformers 5,
/// tokenization_clip.py):
///   SPECIAL|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
std::vector<Word> split_words(std::span<const Character> text, WordPattern pattern);

/// Whether the start and end tokens of the pattern are tokens, not text.
bool has_special_tokens(WordPattern pattern);

/// The spelling of the start and end tokens in the pattern; empty if it has none.
std::string_view start_in_text(WordPattern pattern);
std::string_view end_in_text(WordPattern pattern);

}  // namespace whyclip
