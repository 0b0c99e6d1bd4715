#include "whyclip/text/mojibake.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace whyclip {
namespace {

/// Categories of the characters that occur in mojibake, as bits, and three kinds of neighbours.
using Categories = std::uint32_t;
constexpr Categories kCommon = 1u << 0;  // dashes, ellipsis, apostrophe, …: normal everywhere
constexpr Categories kC1 = 1u << 1;      // control characters U+0080 … U+009F
constexpr Categories kBad = 1u << 2;     // hardly used otherwise
constexpr Categories kLaw = 1u << 3;
constexpr Categories kCurrency = 1u << 4;
constexpr Categories kStart = 1u << 5;  // punctuation that starts a phrase
constexpr Categories kEnd = 1u << 6;    // punctuation that ends one
constexpr Categories kNumeric = 1u << 7;
constexpr Categories kFace = 1u << 8;  // letters that are eyes of kaomoji
constexpr Categories kUpperAccented = 1u << 9;
constexpr Categories kLowerAccented = 1u << 10;
constexpr Categories kUpperCommon = 1u << 11;  // Greek, Cyrillic and Þ
constexpr Categories kLowerCommon = 1u << 12;
constexpr Categories kBox = 1u << 13;
constexpr Categories kAsciiLower = 1u << 14;
constexpr Categories kAsciiLetter = 1u << 15;
constexpr Categories kNotAsciiLetter = 1u << 16;
constexpr Categories kSpace = 1u << 17;  // \s of Python
constexpr Categories kWord = 1u << 18;   // \w of Python
constexpr Categories kNotNewline = 1u << 19;

struct Category {
  Categories bit;
  std::u32string_view characters;  ///< "a-c" is a range
};

constexpr std::array kCategories = {
    Category{kCommon, U"\u00A0\u00AD\u00B4\u00B7\u2013\u2014\u2015\u2019\u2026"},
    Category{kC1, U"\u0080-\u009F"},
    Category{kBad, U"¤¦¨ª¬¯¸ºƒ\u02C6\u02C7\u02D8\u02DB\u02DC†‡‰⌐◊\uFFFD"},
    Category{kLaw, U"§¶"},
    Category{kCurrency, U"¢£¥₧€"},
    Category{kStart, U"¡©«¿\u0384\u0385\u2018\u201A\u201C\u201E•‹\uF8FF"},
    Category{kEnd, U"®»\u02DD\u201D›™"},
    Category{kNumeric, U"±²³µ¹¼-¾×÷⁄№∂∆∏∑√∞∩∫≈≠≡≤≥"},
    Category{kFace, U"°Ò-ÖÙ-Üò-öø-üŌŐŪŲ"},
    Category{kUpperAccented, U"À-ÑØÜÝĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĹĻĽŁŃŅŇŒŘŚŞŠŢŤŮŰŸŹŻŽ\u0490"},
    Category{kLowerAccented, U"ßà-ñüāăąćčďđēėęěğģīįķĺļľłœŕśşšťźżž\u0491\uFB01\uFB02"},
    Category{kUpperCommon,
             U"Þ\u0391-\u03A9\u0386\u0388-\u038A\u038C\u038E\u038F\u03AA\u03AB"
             U"\u0401-\u042F"},
    Category{kLowerCommon, U"\u03B1-\u03C9\u03AC-\u03B0\u0430-\u045F"},
    Category{kBox, U"│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓"},
    Category{kAsciiLower, U"a-z"},
    Category{kAsciiLetter, U"a-zA-Z"},
};

Categories listed_categories(char32_t code) {
  static const auto table = [] {
    std::unordered_map<char32_t, Categories> result;
    for (const Category& category : kCategories) {
      const std::u32string_view list = category.characters;
      for (std::size_t i = 0; i < list.size(); ++i) {
        const bool is_range = i + 2 < list.size() && list[i + 1] == U'-';
        const char32_t last = is_range ? list[i + 2] : list[i];
        for (char32_t each = list[i]; each <= last; ++each) result[each] |= category.bit;
        if (is_range) i += 2;
      }
    }
    return result;
  }();
  const auto found = table.find(code);
  return found == table.end() ? 0 : found->second;
}

Categories categories_of(char32_t code) {
  Categories categories = listed_categories(code);
  if ((categories & kAsciiLetter) == 0) categories |= kNotAsciiLetter;
  if (is_python_space(code)) categories |= kSpace;
  if (is_letter(code) || is_number(code) || code == U'_') categories |= kWord;
  if (code != U'\n') categories |= kNotNewline;
  return categories;
}

/// Any character of some categories or of a list.
struct Element {
  Categories categories;
  std::u32string_view characters = {};
};

constexpr std::size_t kLongestPattern = 7;

struct Pattern {
  std::array<Element, kLongestPattern> elements;
  bool at_start = false;  ///< at the start of the text only

  std::size_t size() const {
    const auto is_used = [](const Element& e) {
      return e.categories != 0 || !e.characters.empty();
    };
    return static_cast<std::size_t>(std::ranges::count_if(elements, is_used));
  }
};

constexpr Categories kAccented = kLowerAccented | kUpperAccented;
constexpr Categories kSymbols = kBox | kStart | kEnd | kCurrency | kNumeric | kLaw;

constexpr std::u32string_view kCyrillicLead = U"\u0412\u0413\u0420\u0421";
constexpr std::u32string_view kGreekLead = U"\u0392\u0393\u039E\u039F";
constexpr Element kArabicTrail = {kCommon | kCurrency | kBad | kNumeric | kStart, U"ŸŠ®°µ»"};

const std::array kPatterns = {
    Pattern{{{{kC1}}}},
    Pattern{{{{kBad | kAccented | kSymbols}, {kBad}}}},
    Pattern{{{{kAsciiLetter}, {kLowerCommon | kUpperCommon}, {kBad}}}},
    Pattern{{{{kBad}, {kAccented | kSymbols}}}},
    Pattern{
        {{{kLowerAccented | kLowerCommon | kBox | kEnd | kCurrency | kNumeric}, {kUpperAccented}}}},
    Pattern{{{{kBox | kEnd | kCurrency | kNumeric}, {kLowerAccented}}}},
    Pattern{{{{kLowerAccented | kBox | kEnd}, {kCurrency}}}},
    Pattern{{{{kSpace}, {kUpperAccented}, {kCurrency}}}},
    Pattern{{{{kUpperAccented | kBox}, {kNumeric | kLaw}}}},
    Pattern{{{{kAccented | kBox | kCurrency | kEnd}, {kStart}, {kNumeric}}}},
    Pattern{{{{kAccented | kCurrency | kNumeric | kBox | kLaw}, {kEnd}, {kStart}}}},
    Pattern{{{{kCurrency | kNumeric | kBox}, {kStart}}}},
    Pattern{{{{kAsciiLower}, {kUpperAccented}, {kStart | kCurrency}}}},
    Pattern{{{{kBox}, {kFace}}}},
    Pattern{{{{kAccented | kCurrency | kNumeric | kStart | kEnd | kLaw}, {kBox}}}},
    Pattern{{{{kBox}, {kEnd}}}},
    Pattern{{{{kAccented}, {kStart | kEnd}, {kWord}}}},
    Pattern{{{{0, U"Œœ"}, {kNotAsciiLetter}}}},
    Pattern{{{{kUpperAccented}, {0, U"°"}}}},
    // windows-1252: Latin-1 and Greek, superscripts, Arabic, South Asian scripts.
    Pattern{{{{0, U"ÂÃÎÐ"}, {kStart | kEnd, U"€œŠš¢£Ÿž\u00A0\u00AD®©°·»\u2013\u2014\u00B4"}}}},
    Pattern{{{{0, U"×"}, {0, U"²³"}}}},
    Pattern{{{{0, U"ØÙ"}, kArabicTrail, {0, U"ØÙ"}, kArabicTrail}}},
    Pattern{{{{0, U"à"}, {0, U"²µ¹¼½¾"}}}},
    // MacRoman
    Pattern{{{{0, U"√"}, {0, U"±∂†≠®™\u00B4≤≥¥µø"}}}},
    Pattern{{{{0, U"≈"}, {0, U"°¢"}}}},
    Pattern{{{{0, U"\u201A"}, {0, U"Ä"}, {0, U"ìîïòôúùû†°¢π"}}}},
    Pattern{{{{0, U"\u201A"}, {0, U"âó"}, {0, U"àä°ê"}}}},
    // windows-1251
    Pattern{{{{0, U"\u0432"}, {0, U"\u0402"}}}},
    Pattern{{{{0, kCyrillicLead},
              {kC1 | kBad | kStart | kEnd | kCurrency, U"°µ"},
              {0, kCyrillicLead}}}},
    Pattern{{{{0, U"\u0413"},
              {0, U"\u045E"},
              {0, U"\u0412"},
              {0, U"\u0402"},
              {0, U"\u0412"},
              {kNotNewline},
              {kAsciiLetter, U" "}}}},
    // "à" and "á" in windows-1252, with a no-break space that became a blank
    Pattern{{{{0, U"Ã"}, {0, U"\u00A0¡"}}}},
    Pattern{{{{kAsciiLower}, {0, U"ÃÂ"}, {0, U" "}}}},
    Pattern{{{{kAsciiLower}, {kSpace}, {0, U"ÃÂ"}, {0, U" "}}}},
    Pattern{{{{0, U"ÃÂ"}, {0, U" "}}}, true},
    Pattern{{{{kAsciiLower | kEnd, U".,?!"}, {0, U"Â"}, {kStart | kEnd, U" "}}}},
    // windows-1253 and windows-1257
    Pattern{{{{0, U"\u03B2"}, {0, U"€"}, {0, U"™\u00A0\u0386\u00AD®°"}}}},
    Pattern{{{{0, kGreekLead}, {kC1 | kBad | kStart | kEnd | kCurrency, U"°"}, {0, kGreekLead}}}},
    Pattern{{{{0, U"ā"}, {0, U"€"}}}},
};

struct Classified {
  char32_t code;
  Categories categories;
};

bool matches_element(const Element& element, const Classified& character) {
  return (element.categories & character.categories) != 0 ||
         element.characters.find(character.code) != std::u32string_view::npos;
}

bool matches_pattern(const Pattern& pattern, std::span<const Classified> text) {
  const std::size_t size = pattern.size();
  if (text.size() < size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    if (!matches_element(pattern.elements[i], text[i])) return false;
  }
  return true;
}

}  // namespace

bool looks_like_mojibake(std::span<const Character> text) {
  std::vector<Classified> characters;
  characters.reserve(text.size());
  for (const Character& c : text) characters.push_back({c.code, categories_of(c.code)});
  const std::span<const Classified> all = characters;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const auto matches = [&](const Pattern& pattern) {
      return (at == 0 || !pattern.at_start) && matches_pattern(pattern, all.subspan(at));
    };
    if (std::ranges::any_of(kPatterns, matches)) return true;
  }
  return false;
}

}  // namespace whyclip
