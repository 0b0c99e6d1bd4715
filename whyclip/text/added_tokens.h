#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "whyclip/text/normalizer.h"
#include "whyclip/text/unicode.h"

namespace whyclip {

/// A token that a text is searched for before it is split into words (Hugging Face: AddedToken).
struct AddedToken {
  std::string content;
  bool single_word = false;  ///< only between characters that are not part of a word
  bool lstrip = false;       ///< with the white space on its left
  bool rstrip = false;       ///< with the white space on its right
  bool normalized = true;    ///< searched in normalised text, in its own normalised form
  std::int32_t id = -1;
};

/// A piece of a text: an added token or text in between.
struct TextPiece {
  std::size_t begin, end;  ///< characters
  std::optional<std::int32_t> id;
};

/// Finds added tokens in texts like the `tokenizers` library 0.14 and later (added_vocabulary.rs):
/// the leftmost, of these the longest. Immutable.
class AddedTokenFinder {
 public:
  /// `steps` normalise the content of the tokens; empty ones are never found.
  AddedTokenFinder(std::span<const AddedToken> tokens, const std::vector<NormalizerStep>& steps);

  bool empty() const { return by_first_.empty(); }

  /// Divides a text of at least one character into pieces, in order and without gaps.
  std::vector<TextPiece> divide(std::span<const Character> text) const;

 private:
  struct Searched {
    std::u32string text;
    AddedToken token;
  };
  const Searched* longest_at(std::span<const Character> text) const;

  std::map<char32_t, std::vector<Searched>> by_first_;  ///< by first character, longest first
};

}  // namespace whyclip
