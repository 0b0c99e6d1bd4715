#include "whyclip/text/words.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>

namespace whyclip {
namespace {

constexpr std::array<std::u32string_view, 7> kContractions = {U"'s", U"'t",  U"'re", U"'ve",
                                                              U"'m", U"'ll", U"'d"};

// Effects of ignoring case: ſ matches s, and the iota subscript, a mark, matches the letter iota,
// so that it is neither a symbol nor in \p{L}.
constexpr char32_t kLongS = 0x17F;
constexpr std::size_t kSpecialBracket = 2;  // "<|" and "|>"
constexpr char32_t kIotaSubscript = 0x345;

char32_t folded(char32_t code) {
  if (code >= U'A' && code <= U'Z') return code - U'A' + U'a';
  return code == kLongS ? U's' : code;
}

/// One match of the pattern at the start of a text.
class WordMatcher {
 public:
  explicit WordMatcher(WordPattern pattern) : pattern_(pattern) {}

  bool starts_with(std::span<const Character> text, std::ranges::input_range auto prefix) const {
    const auto size = static_cast<std::size_t>(std::ranges::size(prefix));
    return size > 0 && text.size() >= size &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [&](auto c, const Character& t) {
             return static_cast<char32_t>(c) == (ignores_case() ? folded(t.code) : t.code);
           });
  }

  /// Number of characters of the start or end token; 0 if there is none.
  std::size_t special_length(std::span<const Character> text) const {
    for (const std::string_view special : {start_in_text(pattern_), end_in_text(pattern_)}) {
      if (starts_with(text, special)) return special.size();
    }
    return 0;
  }

  /// Number of characters of another word; 0 if there is none.
  std::size_t length(std::span<const Character> text) const {
    const char32_t first = text.front().code;
    if (first == U'\'') {
      for (const std::u32string_view contraction : kContractions) {
        if (starts_with(text, contraction)) return contraction.size();
      }
    }
    if (is_letter(first)) return run_length(text, is_letter);
    if (is_number(first)) return 1;
    return run_length(text, [&](char32_t code) { return is_symbol(code); });
  }

 private:
  bool ignores_case() const { return has_special_tokens(pattern_); }

  bool is_symbol(char32_t code) const {
    return !is_white_space(code) && !is_letter(code) && !is_number(code) &&
           !(ignores_case() && code == kIotaSubscript);
  }

  template <class Predicate>
  static std::size_t run_length(std::span<const Character> text, Predicate belongs) {
    const auto end =
        std::ranges::find_if_not(text, [&](const Character& c) { return belongs(c.code); });
    return static_cast<std::size_t>(end - text.begin());
  }

  WordPattern pattern_;
};

}  // namespace

bool has_special_tokens(WordPattern pattern) {
  return pattern == WordPattern::kOpenAi || pattern == WordPattern::kOpenClip;
}

std::string_view start_in_text(WordPattern pattern) {
  switch (pattern) {
    case WordPattern::kOpenAi:
    case WordPattern::kTransformers5:
      return "<|startoftext|>";
    case WordPattern::kOpenClip:
      return "<start_of_text>";
    case WordPattern::kTransformers4:
      break;
  }
  return {};
}

std::string_view end_in_text(WordPattern pattern) {
  switch (pattern) {
    case WordPattern::kOpenAi:
    case WordPattern::kTransformers5:
      return "<|endoftext|>";
    case WordPattern::kOpenClip:
      return "<end_of_text>";
    case WordPattern::kTransformers4:
      break;
  }
  return {};
}

std::vector<Word> split_words(std::span<const Character> text, WordPattern pattern) {
  const WordMatcher matcher(pattern);
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t special = matcher.special_length(text.subspan(at));
    if (special > 0 && !has_special_tokens(pattern)) {
      const std::size_t end = at + special;
      words.push_back({at, at + kSpecialBracket});
      words.push_back({at + kSpecialBracket, end - kSpecialBracket});
      words.push_back({end - kSpecialBracket, end});
      at = end;
      continue;
    }
    const std::size_t length = special > 0 ? special : matcher.length(text.subspan(at));
    if (length > 0) words.push_back({at, at + length});
    at += std::max<std::size_t>(length, 1);
  }
  return words;
}

}  // namespace whyclip
