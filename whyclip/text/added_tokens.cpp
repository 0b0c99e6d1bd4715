#include "whyclip/text/added_tokens.h"

#include <algorithm>
#include <utility>

namespace whyclip {
namespace {

bool is_space(const Character& character) { return is_white_space(character.code); }

/// Returns whether a match stands between characters that are not part of a word.
bool is_alone(std::span<const Character> text, std::size_t begin, std::size_t end) {
  const bool left = begin == 0 || !is_word_character(text[begin - 1].code);
  const bool right = end == text.size() || !is_word_character(text[end].code);
  return left && right;
}

}  // namespace

AddedTokenFinder::AddedTokenFinder(std::span<const AddedToken> tokens,
                                   const std::vector<NormalizerStep>& steps) {
  for (const AddedToken& token : tokens) {
    std::u32string text;
    for (const Character& character : normalize(decode_utf8(token.content, "added token"), steps)) {
      text += character.code;
    }
    if (text.empty()) continue;
    const char32_t first = text.front();
    by_first_[first].push_back({std::move(text), token});
  }
  for (auto& [first, searched] : by_first_) {
    std::ranges::stable_sort(searched, std::ranges::greater(),
                             [](const Searched& each) { return each.text.size(); });
  }
}

const AddedTokenFinder::Searched* AddedTokenFinder::longest_at(
    std::span<const Character> text) const {
  const auto found = by_first_.find(text.front().code);
  if (found == by_first_.end()) return nullptr;
  for (const Searched& each : found->second) {
    if (each.text.size() <= text.size() &&
        std::ranges::equal(each.text, text.first(each.text.size()), {}, {}, &Character::code)) {
      return &each;
    }
  }
  return nullptr;
}

std::vector<TextPiece> AddedTokenFinder::divide(std::span<const Character> text) const {
  std::vector<TextPiece> pieces;
  std::size_t divided = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Searched* found = longest_at(text.subspan(at));
    if (found == nullptr) {
      ++at;
      continue;
    }
    std::size_t begin = at, end = at + found->text.size();
    at = end;
    if (found->token.single_word && !is_alone(text, begin, end)) continue;
    while (found->token.lstrip && begin > divided && is_space(text[begin - 1])) --begin;
    while (found->token.rstrip && end < text.size() && is_space(text[end])) ++end;
    begin = std::max(begin, divided);
    if (begin > divided) pieces.push_back({divided, begin, std::nullopt});
    pieces.push_back({begin, end, found->token.id});
    divided = end;
  }
  if (divided < text.size()) pieces.push_back({divided, text.size(), std::nullopt});
  return pieces;
}

}  // namespace whyclip
