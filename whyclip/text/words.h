#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// A range of characters that is tokenised independently.
struct Word {
  std::size_t begin, end;
};

/// Splits a cleaned text into words by CLIP's pattern, ignoring case (openai/CLIP,
/// simple_tokenizer.py):
///   <|startoftext|>|<|endoftext|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
std::vector<Word> split_words(std::span<const Character> text);

}  // namespace whyclip
