#pragma once

#include "whyclip/text/vocabulary.h"

namespace whyclip {

/// The published CLIP vocabulary of 49408 tokens, compiled into the library
/// (models/clip_vocabulary): that of vocab.json and merges.txt of openai/clip-vit-base-patch32.
Vocabulary published_vocabulary();

/// Number of tokens of the published vocabulary.
inline constexpr int kPublishedTokens = 49408;

}  // namespace whyclip
