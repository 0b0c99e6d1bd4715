#include "whyclip/attribution/prompt_words.h"

#include <algorithm>

namespace whyclip {

std::vector<PromptWord> prompt_words(const RecordedPrompt& recorded, const Prompt& prompt) {
  std::vector<PromptWord> words;
  const std::vector<Token>& tokens = recorded.tokens;
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (i == 1 || tokens[i].word != tokens[i - 1].word) {
      words.push_back({{}, tokens[i].begin, tokens[i].end, false, i, 0});
    }
    words.back().end = std::max(words.back().end, tokens[i].end);
    ++words.back().tokens;
  }
  for (PromptWord& word : words) {
    word.text = recorded.text.substr(word.begin, word.end - word.begin);
    word.class_name = word.begin < prompt.name_end && word.end > prompt.name_begin;
  }
  return words;
}

}  // namespace whyclip
