#include "whyclip/text/clean_text.h"

#include <algorithm>

#include "whyclip/text/html_entities.h"
#include "whyclip/text/repair_text.h"

namespace whyclip {
namespace {

bool is_stripped(const Character& character) { return is_python_space(character.code); }

void strip(std::vector<Character>& text) {
  text.erase(std::find_if_not(text.rbegin(), text.rend(), is_stripped).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_stripped));
}

/// The ASCII characters of Python's string.punctuation.
bool is_ascii_punctuation(char32_t code) {
  return (code >= 0x21 && code <= 0x2F) || (code >= 0x3A && code <= 0x40) ||
         (code >= 0x5B && code <= 0x60) || (code >= 0x7B && code <= 0x7E);
}

/// Removes ASCII punctuation, except that underscores become blanks.
void remove_punctuation(std::vector<Character>& text) {
  for (Character& character : text) {
    if (character.code == U'_') character.code = U' ';
  }
  std::erase_if(text, [](const Character& c) { return is_ascii_punctuation(c.code); });
}

}  // namespace

void collapse_white_space(std::vector<Character>& text) {
  std::size_t kept = 0;
  for (const Character& character : text) {
    if (!is_white_space(character.code)) {
      text[kept++] = character;
    } else if (kept > 0 && text[kept - 1].code == U' ') {
      text[kept - 1].end = character.end;
    } else {
      text[kept++] = {U' ', character.begin, character.end};
    }
  }
  text.resize(kept);
}

std::vector<Character> clean_text(std::string_view prompt, TextCleaning cleaning) {
  std::vector<Character> text = decode_utf8(prompt, "prompt");
  if (cleaning == TextCleaning::kNone) return text;
  if (cleaning != TextCleaning::kBasic) text = repair_text(std::move(text));
  text = unescape_html(unescape_html(std::move(text)));
  if (cleaning == TextCleaning::kCanonicalize) remove_punctuation(text);
  if (cleaning == TextCleaning::kCanonicalize) text = lower_case(std::move(text));
  strip(text);
  collapse_white_space(text);
  strip(text);
  const bool lower = cleaning == TextCleaning::kBasic || cleaning == TextCleaning::kLower;
  return lower ? lower_case(std::move(text)) : text;
}

}  // namespace whyclip
