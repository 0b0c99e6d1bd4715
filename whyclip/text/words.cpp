#include "whyclip/text/words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace whyclip {
namespace {

constexpr std::array<std::u32string_view, 9> kWhole = {
    U"<|startoftext|>", U"<|endoftext|>", U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"};

// Effects of ignoring case on lower-case text: ſ matches s, and the iota subscript, a mark, matches
// the letter iota, so that it is neither a symbol nor in \p{L}.
constexpr char32_t kLongS = 0x17F;
constexpr char32_t kIotaSubscript = 0x345;

char32_t folded(char32_t code) { return code == kLongS ? U's' : code; }

bool starts_with(std::span<const Character> text, std::u32string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char32_t code, const Character& c) { return code == folded(c.code); });
}

bool is_symbol(char32_t code) {
  return !is_white_space(code) && !is_letter(code) && !is_number(code) && code != kIotaSubscript;
}

template <class Predicate>
std::size_t run_length(std::span<const Character> text, Predicate belongs) {
  const auto end =
      std::ranges::find_if_not(text, [&](const Character& c) { return belongs(c.code); });
  return static_cast<std::size_t>(end - text.begin());
}

/// Number of characters of the word at the start of a text; 0 if there is none.
std::size_t word_length(std::span<const Character> text) {
  const char32_t first = text.front().code;
  if (first == U'<' || first == U'\'') {
    for (const std::u32string_view whole : kWhole) {
      if (starts_with(text, whole)) return whole.size();
    }
  }
  if (is_letter(first)) return run_length(text, is_letter);
  if (is_number(first)) return 1;
  return run_length(text, is_symbol);
}

}  // namespace

std::vector<Word> split_words(std::span<const Character> text) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = word_length(text.subspan(at));
    if (length > 0) words.push_back({at, at + length});
    at += std::max<std::size_t>(length, 1);
  }
  return words;
}

}  // namespace whyclip
