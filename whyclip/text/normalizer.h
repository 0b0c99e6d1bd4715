#pragma once

#include <string>
#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// A step of the normalizer of a Hugging Face tokenizer.
enum class NormalizerStep {
  kCompose,             ///< NFC
  kCollapseWhiteSpace,  ///< Replace: each run of white space by one blank
  kLowerCase,           ///< Lowercase: each character alone, so a capital sigma is never final
};

/// The steps of CLIP's normalizer (transformers, convert_slow_tokenizer.py: CLIPConverter).
const std::vector<NormalizerStep>& clip_normalizer();

std::vector<Character> normalize(std::vector<Character> text,
                                 const std::vector<NormalizerStep>& steps);

/// The steps in words: "NFC, white space collapsed, lower case".
std::string describe(const std::vector<NormalizerStep>& steps);

}  // namespace whyclip
