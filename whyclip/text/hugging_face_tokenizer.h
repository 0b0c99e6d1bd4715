#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "whyclip/text/added_tokens.h"
#include "whyclip/text/normalizer.h"
#include "whyclip/text/vocabulary.h"
#include "whyclip/text/words.h"

namespace whyclip {

/// A tokenizer as the files of a Hugging Face folder define it.
struct HuggingFaceTokenizer {
  Vocabulary vocabulary;          ///< with the added tokens
  std::vector<AddedToken> added;  ///< with their ids
  std::vector<NormalizerStep> normalizer;
  WordPattern pattern = WordPattern::kTransformers4;
  std::int32_t start_id = 0, end_id = 0;
};

/// Reads tokenizer.json, otherwise vocab.json and merges.txt, with tokenizer_config.json,
/// special_tokens_map.json and added_tokens.json if present, as CLIPTokenizerFast of transformers
/// 4.57 does: its normalizer and pattern, the added tokens of tokenizer.json, then those of
/// tokenizer_config.json (or, in older folders, of added_tokens.json), then special tokens that are
/// not among them. Ids of added tokens follow the vocabulary in this order, as in the `tokenizers`
/// library. Throws Error naming file and field if a section of tokenizer.json is not that of a CLIP
/// tokenizer, and otherwise as read_vocabulary does.
HuggingFaceTokenizer read_hugging_face_tokenizer(const std::filesystem::path& folder);

/// The same of the published vocabulary, with the special tokens as in the published
/// tokenizer_config.json: only the start token is found in capitals.
HuggingFaceTokenizer published_hugging_face_tokenizer();

}  // namespace whyclip
