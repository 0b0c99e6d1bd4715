#include "whyclip/text/clean_text.h"

#include <algorithm>

#include "whyclip/text/html_entities.h"

namespace whyclip {
namespace {

/// Characters that Python's str.strip removes: a few more than \s.
bool is_stripped(const Character& character) {
  return is_white_space(character.code) || (character.code >= 0x1C && character.code <= 0x1F);
}

void strip(std::vector<Character>& text) {
  text.erase(std::find_if_not(text.rbegin(), text.rend(), is_stripped).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_stripped));
}

/// Collapses each run of white space to one blank with the byte range of the run.
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

}  // namespace

std::vector<Character> clean_text(std::string_view prompt) {
  std::vector<Character> text = decode_utf8(prompt, "prompt");
  text = unescape_html(unescape_html(std::move(text)));
  strip(text);
  collapse_white_space(text);
  strip(text);
  return lower_case(std::move(text));
}

}  // namespace whyclip
