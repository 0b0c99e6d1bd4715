#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/text/tokenizer_choice.h"

namespace whyclip {

/// A token of a prompt.
struct Token {
  std::int32_t id;
  /// Byte range in the caller's prompt, in whole characters: all tokens of one character have its
  /// range. Empty for the added start and end tokens.
  std::size_t begin, end;
  /// Index of its word in the prompt, shared by the byte-pair pieces of one word. −1 for the added
  /// start and end tokens.
  int word = -1;
};

/// The tokens of a prompt.
struct Tokens {
  std::vector<Token> tokens;  ///< start, …, end-of-text
  bool truncated = false;     ///< whether the prompt was longer than the context
  std::size_t untruncated_length =
      0;  ///< number of tokens before truncation, including start and end

  std::vector<std::int32_t> ids() const;
};

/// CLIP's byte-pair tokenizer with the clean-up of the library that a checkpoint belongs to
/// (tokenizer_choice.h). Immutable, cheap to copy, and safe to use from several threads.
class Tokenizer {
 public:
  /// Opens the tokenizer of a checkpoint's folder: the published vocabulary if `choice` says so,
  /// otherwise its files. Throws Error naming the file and the invalid
  /// token, field or line (see hugging_face_tokenizer.h and vocabulary.h).
  static Tokenizer open(const std::filesystem::path& folder, const TokenizerChoice& choice);

  /// The published vocabulary of 49408 tokens, compiled into the library.
  static Tokenizer published(const TokenizerChoice& choice);

  /// The tokenizer of the text of vocab.json and merges.txt, without added tokens; `name` is the
  /// folder's name in messages.
  static Tokenizer from_text(std::string_view vocab_json, std::string_view merges_txt,
                             std::string name, const TokenizerChoice& choice);

  /// Tokenises a prompt into at most `context_length` (at least 2) tokens, or fewer if a file of a
  /// Hugging Face tokenizer says so. A longer prompt is truncated before its end-of-text token, or
  /// after its start token if the file says so. White space alone gives the start and end tokens.
  /// Throws Error with the byte offset if the prompt is not valid UTF-8.
  Tokens encode(std::string_view prompt, std::size_t context_length) const;

  /// The printable form of a token: without the end-of-word mark, with control characters and
  /// partial characters as \xE2. Throws Error if the id is not in the vocabulary.
  std::string piece(std::int32_t id) const;

  /// The bytes of a token in the cleaned prompt; empty for ids without a token. Throws Error as
  /// piece does.
  std::string bytes(std::int32_t id) const;

  /// The largest id plus one. Ids may have gaps.
  std::size_t vocabulary_size() const;
  std::int32_t start_id() const;
  std::int32_t end_id() const;
  /// The token with which transformers fills prompts up; nullopt for other libraries.
  std::optional<std::int32_t> pad_id() const;

  /// Vocabulary and clean-up in words: "published CLIP vocabulary, 49408 tokens; clean-up of
  /// open_clip (ftfy, lower case)".
  std::string description() const;

  /// Everything besides the vocabulary that the tokens of a prompt depend on, for keys of caches:
  /// clean-up, pattern, added tokens. Empty for OpenAI's tokenizer without ftfy.
  std::string fingerprint() const;

 private:
  struct Parts;
  explicit Tokenizer(std::shared_ptr<const Parts> parts);
  std::shared_ptr<const Parts> parts_;
};

}  // namespace whyclip
