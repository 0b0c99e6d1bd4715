#include "whyclip/text/repair_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>
#include <unordered_map>

#include "whyclip/core/error.h"
#include "whyclip/text/html_entities.h"
#include "whyclip/text/mojibake_repair.h"

namespace whyclip {
namespace {

using Text = std::vector<Character>;

constexpr int kMostRounds = 1000;
constexpr std::size_t kLongestLine = 1000000;  // ftfy: max_decode_length
constexpr char32_t kEscape = 0x1B;
constexpr char32_t kIdeographicSpace = 0x3000;

using Replacements = std::unordered_map<char32_t, std::u32string>;

/// Ligatures and digraphs of Latin letters (ftfy/chardata.py: LIGATURES) and quotes.
const Replacements& ligatures() {
  static const Replacements table = {
      {0x132, U"IJ"},       {0x133, U"ij"},  {0x149, U"\u02BCn"}, {0x1F1, U"DZ"},
      {0x1F2, U"Dz"},       {0x1F3, U"dz"},  {0x1C4, U"D\u017D"}, {0x1C5, U"D\u017E"},
      {0x1C6, U"d\u017E"},  {0x1C7, U"LJ"},  {0x1C8, U"Lj"},      {0x1C9, U"lj"},
      {0x1CA, U"NJ"},       {0x1CB, U"Nj"},  {0x1CC, U"nj"},      {0xFB00, U"ff"},
      {0xFB01, U"fi"},      {0xFB02, U"fl"}, {0xFB03, U"ffi"},    {0xFB04, U"ffl"},
      {0xFB05, U"\u017Ft"}, {0xFB06, U"st"}};
  return table;
}

/// Full- and half-width forms by their compatibility forms (ftfy/chardata.py: WIDTH_MAP).
const Replacements& widths() {
  static const Replacements table = [] {
    Replacements result = {{kIdeographicSpace, U" "}};
    for (char32_t code = 0xFF01; code < 0xFFF0; ++code) {
      std::u32string form = compatibility_form(code);
      if (form != std::u32string_view(&code, 1)) result.emplace(code, std::move(form));
    }
    return result;
  }();
  return table;
}

const Replacements& quotes() {
  static const Replacements table = [] {
    Replacements result;
    constexpr std::u32string_view kSingle = U"\u02BC\u2018\u2019\u201A\u201B";
    constexpr std::u32string_view kDouble = U"\u201C\u201D\u201E\u201F";
    for (const char32_t code : kSingle) result.emplace(code, U"'");
    for (const char32_t code : kDouble) result.emplace(code, U"\"");
    return result;
  }();
  return table;
}

Text replace(const Text& text, const Replacements& table) {
  Text result;
  result.reserve(text.size());
  for (const Character& character : text) {
    const auto found = table.find(character.code);
    if (found == table.end()) {
      result.push_back(character);
      continue;
    }
    for (const char32_t code : found->second) {
      result.push_back({code, character.begin, character.end});
    }
  }
  return result;
}

/// Line breaks of other systems (CR LF, CR, U+2028, U+2029, U+0085) as line feeds.
Text fix_line_breaks(const Text& text) {
  Text result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    Character character = text[i];
    const bool is_return = character.code == U'\r';
    if (is_return && i + 1 < text.size() && text[i + 1].code == U'\n')
      character.end = text[++i].end;
    if (is_return || std::u32string_view(U"\u2028\u2029\u0085").find(character.code) !=
                         std::u32string_view::npos) {
      character.code = U'\n';
    }
    result.push_back(character);
  }
  return result;
}

/// Length of a terminal escape (ESC [ 36 ; 44 m) at the start of a text; 0 if there is none.
std::size_t escape_length(std::span<const Character> text) {
  if (text.size() < 3 || text[0].code != kEscape || text[1].code != U'[') return 0;
  std::size_t at = 2;
  while (at < text.size() && (is_decimal_digit(text[at].code) || text[at].code == U';')) ++at;
  if (at == text.size()) return 0;
  const char32_t letter = text[at].code | 0x20;
  return letter >= U'a' && letter <= U'z' && text[at].code < 0x80 ? at + 1 : 0;
}

/// Control characters that are hardly intended (ftfy/fixes.py: remove_control_chars): those of
/// ASCII except white space, deprecated formatting, annotation, object and byte-order marks.
bool is_removed(char32_t code) {
  return code < 0x09 || code == 0x0B || (code >= 0x0E && code < 0x20) || code == 0x7F ||
         (code >= 0x206A && code <= 0x206F) || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFC);
}

Text remove_controls(const Text& text) {
  Text without_escapes;
  without_escapes.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = escape_length(std::span(text).subspan(at));
    if (length == 0) without_escapes.push_back(text[at]);
    at += std::max<std::size_t>(length, 1);
  }
  std::erase_if(without_escapes, [](const Character& c) { return is_removed(c.code); });
  return without_escapes;
}

Text repair_once(Text text, bool unescape) {
  if (unescape) text = unescape_complete_html(std::move(text));
  text = repair_mojibake(std::move(text));
  text = replace(replace(replace(text, ligatures()), widths()), quotes());
  return compose(remove_controls(fix_line_breaks(text)));
}

bool contains(std::span<const Character> text, char32_t code) {
  return std::ranges::find(text, code, &Character::code) != text.end();
}

Text repair_line(Text text, bool unescape) {
  for (int round = 0; round < kMostRounds; ++round) {
    Text next = repair_once(text, unescape);
    if (std::ranges::equal(next, text, {}, &Character::code, &Character::code)) return text;
    text = std::move(next);
  }
  throw Error("prompt",
              fmt::format("character references are nested more than {} times", kMostRounds));
}

}  // namespace

std::vector<Character> repair_text(std::vector<Character> text) {
  Text result;
  result.reserve(text.size());
  bool unescape = true;
  for (auto begin = text.begin(); begin != text.end();) {
    auto end = std::ranges::find(begin, text.end(), U'\n', &Character::code);
    if (end != text.end()) ++end;
    end = begin + std::min(end - begin, std::ptrdiff_t(kLongestLine));
    Text line(begin, end);
    unescape = unescape && !contains(line, U'<');
    line = repair_line(std::move(line), unescape);
    result.insert(result.end(), line.begin(), line.end());
    begin = end;
  }
  return result;
}

}  // namespace whyclip
