#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
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
  std::optional<std::int32_t> pad_id;      ///< pad_token
  std::optional<std::size_t> most_tokens;  ///< model_max_length, unless it is beyond any context
  bool truncates_left = false;             ///< truncation_side
};

/// Reads tokenizer.json, otherwise vocab.json and merges.txt, with tokenizer_config.json,
/// special_tokens_map.json and added_tokens.json if present, as CLIPTokenizerFast of transformers
/// 4.57 does: its normalizer and pattern, the added tokens of tokenizer.json, then those of
/// tokenizer_config.json, whose flags count (or, in older folders, of added_tokens.json), then
/// special tokens that are not among them. Ids of added tokens follow the vocabulary in this order,
/// as in the `tokenizers` library.
///
/// From version 5, as CLIPTokenizer of transformers 5.24 does: normalizer and pattern are always
/// CLIP's, start and end tokens those of tokenizer_config.json, and the added tokens of
/// tokenizer.json count only if tokenizer_config.json has no list of them.
///
/// Throws Error naming file and field if a section of tokenizer.json that is read is not that of a
/// CLIP tokenizer, and otherwise as read_vocabulary does.
HuggingFaceTokenizer read_hugging_face_tokenizer(const std::filesystem::path& folder,
                                                 int transformers_major = 4);

/// The same of the published vocabulary, with the special tokens as in the published
/// tokenizer_config.json: only the start token is found in capitals.
HuggingFaceTokenizer published_hugging_face_tokenizer(int transformers_major = 4);

}  // namespace whyclip
