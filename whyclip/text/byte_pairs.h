#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "whyclip/text/vocabulary.h"

namespace whyclip {

/// A token and its first byte in the word.
struct WordPiece {
  std::int32_t id;
  std::size_t begin;
};

/// Byte-level byte-pair encoding (Sennrich et al. 2016, as in openai/CLIP, simple_tokenizer.py:
/// bpe). Immutable; safe to use from several threads.
class BytePairs {
 public:
  explicit BytePairs(const Vocabulary& vocabulary);

  /// Tokenises a word of at least one byte: merges all occurrences of the pair with the lowest
  /// rank, and repeats until no pair is in the list of merges. Takes O(n log n) time.
  std::vector<WordPiece> split(std::string_view word) const;

 private:
  struct Ranked {
    std::int32_t rank, result;
  };

  friend class WordMerger;

  static std::uint64_t key(std::int32_t left, std::int32_t right);

  std::array<std::int32_t, 256> within_word_{};  ///< the token of each byte
  std::array<std::int32_t, 256> end_of_word_{};
  std::unordered_map<std::uint64_t, Ranked> merges_;
};

}  // namespace whyclip
