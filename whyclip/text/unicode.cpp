#include "whyclip/text/unicode.h"

#include <fmt/format.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <optional>

#include "whyclip/core/error.h"
#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

constexpr char32_t kCapitalDottedI = 0x130;
constexpr char32_t kCombiningDot = 0x307;
constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kSigma = 0x3C3;
constexpr char32_t kFinalSigma = 0x3C2;

UChar32 icu(char32_t code) { return static_cast<UChar32>(code); }

/// Returns whether the first character of a range that is not case-ignorable is cased.
template <class Iterator>
bool starts_with_cased(Iterator first, Iterator last) {
  const Iterator found = std::find_if_not(first, last, [](const Character& character) {
    return u_hasBinaryProperty(icu(character.code), UCHAR_CASE_IGNORABLE);
  });
  return found != last && u_hasBinaryProperty(icu(found->code), UCHAR_CASED);
}

}  // namespace

std::vector<Character> decode_utf8(std::string_view text, std::string_view where) {
  std::vector<Character> characters;
  characters.reserve(text.size());
  std::size_t offset = 0;
  while (offset < text.size()) {
    const std::size_t begin = offset;
    const std::optional<char32_t> code = next_code_point(text, offset);
    if (!code) {
      throw Error(where, fmt::format("not valid UTF-8 at byte {} (0x{:02X})", begin,
                                     static_cast<unsigned char>(text[begin])));
    }
    characters.push_back({*code, begin, offset});
  }
  return characters;
}

std::size_t printable_length(std::string_view text) {
  if (text.empty()) return 0;
  std::size_t length = 0;
  const std::optional<char32_t> code = next_code_point(text, length);
  return code && !u_iscntrl(icu(*code)) ? length : 0;
}

bool is_letter(char32_t code) { return (U_GET_GC_MASK(icu(code)) & U_GC_L_MASK) != 0; }
bool is_number(char32_t code) { return (U_GET_GC_MASK(icu(code)) & U_GC_N_MASK) != 0; }
bool is_white_space(char32_t code) { return u_isUWhiteSpace(icu(code)); }

std::vector<Character> lower_case(std::vector<Character> text) {
  std::vector<Character> lower;
  lower.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto [code, begin, end] = text[i];
    if (code == kCapitalDottedI) {
      lower.push_back({U'i', begin, end});
      lower.push_back({kCombiningDot, begin, end});
    } else if (code == kCapitalSigma) {
      const auto here = text.begin() + static_cast<std::ptrdiff_t>(i);
      const bool final = starts_with_cased(std::make_reverse_iterator(here), text.rend()) &&
                         !starts_with_cased(here + 1, text.end());
      lower.push_back({final ? kFinalSigma : kSigma, begin, end});
    } else {
      lower.push_back({static_cast<char32_t>(u_tolower(icu(code))), begin, end});
    }
  }
  return lower;
}

}  // namespace whyclip
