#pragma once

#include <string>
#include <string_view>

#include "whyclip/text/clean_text.h"

namespace whyclip {

class JsonView;

/// The library whose tokenizer a checkpoint is used with.
enum class TokenizerLibrary {
  kOpenAi,       ///< openai/CLIP, simple_tokenizer.py
  kOpenClip,     ///< open_clip's SimpleTokenizer
  kHuggingFace,  ///< CLIPTokenizerFast of transformers, also behind open_clip's HFTokenizer
};

/// How the prompts of a checkpoint are tokenised.
struct TokenizerChoice {
  TokenizerLibrary library = TokenizerLibrary::kHuggingFace;
  TextCleaning cleaning = TextCleaning::kNone;  ///< before the tokenizer
  /// Whether the vocabulary is the published one, compiled into the library, and files of the
  /// folder are not read.
  bool published = false;
  /// Major version of transformers, for kHuggingFace. Since 5 its CLIPTokenizer takes only the
  /// vocabulary and the added tokens from tokenizer.json.
  int transformers_major = 4;
};

/// OpenAI's clip package: the published vocabulary, ftfy, lower case.
inline constexpr TokenizerChoice kOpenAiTokenizer = {
    .library = TokenizerLibrary::kOpenAi, .cleaning = TextCleaning::kLower, .published = true};

/// CLIPTokenizerFast and CLIPProcessor of transformers, with the files of the folder.
inline constexpr TokenizerChoice kHuggingFaceTokenizer = {.library = TokenizerLibrary::kHuggingFace,
                                                          .cleaning = TextCleaning::kNone};

/// OpenAI's tokenizer without ftfy, with the files of the folder: what the reference token ids
/// have.
inline constexpr TokenizerChoice kBasicTokenizer = {.library = TokenizerLibrary::kOpenAi,
                                                    .cleaning = TextCleaning::kBasic};

/// The choice of open_clip 3.3 (factory.py: get_tokenizer) for the text_cfg of an
/// open_clip_config.json: HFTokenizer with the files of the folder if hf_tokenizer_name is set,
/// otherwise SimpleTokenizer, which has the published vocabulary. `tokenizer_kwargs` may set
/// `clean`. If vocab_size is smaller than the published vocabulary, the files of the folder are
/// read although open_clip would not, because it could not tokenise for the model at all. Throws
/// Error naming an option of the tokenizer that is not supported.
TokenizerChoice open_clip_tokenizer(const JsonView& text_cfg);

/// Whether the prompts are tokenised by transformers alone, not by way of open_clip.
bool is_transformers_alone(const TokenizerChoice& choice);

/// The clean-up in words: "open_clip (ftfy, lower case)".
std::string describe_cleaning(const TokenizerChoice& choice);

}  // namespace whyclip
