#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// A token of a prompt.
struct Token {
  std::int32_t id;
  /// The bytes of the caller's prompt that it stands for, in whole characters: the tokens of one
  /// character all have its range. Empty for the added start and end tokens.
  std::size_t begin, end;
  /// Place of its word among the prompt's words: the byte-pair pieces of one word share it. −1 for
  /// the added start and end tokens.
  int word = -1;
};

/// A prompt as the text tower reads it.
struct Tokens {
  std::vector<Token> tokens;           ///< start, …, end-of-text
  bool truncated = false;              ///< the prompt was longer than the context
  std::size_t untruncated_length = 0;  ///< number of tokens before it, start and end included

  std::vector<std::int32_t> ids() const;
};

/// CLIP's tokenizer (openai/CLIP, simple_tokenizer.py, without the text repair of ftfy: see
/// clean_text.h). Immutable, cheap to copy, and safe to use from several threads.
class Tokenizer {
 public:
  /// Opens vocab.json with merges.txt, else tokenizer.json, of a checkpoint's folder. Throws Error
  /// naming the file, and the token, field or line that is wrong (vocabulary.h says what is
  /// checked).
  static Tokenizer open(const std::filesystem::path& folder);

  /// The same from the text of vocab.json and merges.txt; `name` stands for the folder in messages.
  static Tokenizer from_text(std::string_view vocab_json, std::string_view merges_txt,
                             std::string name);

  /// The tokens of a prompt, at most `context_length` (at least 2) of them: a longer prompt loses
  /// its last tokens, and the end-of-text token stays last. White space alone gives the start and
  /// end tokens. Throws Error if the prompt is not valid UTF-8 (with the byte offset).
  Tokens encode(std::string_view prompt, std::size_t context_length) const;

  /// A token for the eye: the end-of-word mark dropped, control characters and parts of characters
  /// as \xE2. Throws Error if the id is not in the vocabulary.
  std::string piece(std::int32_t id) const;

  /// The bytes of the cleaned prompt that a token stands for. Throws Error as piece does.
  std::string bytes(std::int32_t id) const;

  std::size_t vocabulary_size() const;
  std::int32_t start_id() const;
  std::int32_t end_id() const;

 private:
  struct Parts;
  explicit Tokenizer(std::shared_ptr<const Parts> parts);
  std::shared_ptr<const Parts> parts_;
};

}  // namespace whyclip
