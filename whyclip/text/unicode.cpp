#include "whyclip/text/unicode.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

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

constexpr std::size_t kLongestForm = 64;  // the longest compatibility form has 18 characters

void append_utf16(std::u16string& text, char32_t code) {
  if (code > 0xFFFF) {
    text.push_back(static_cast<char16_t>(U16_LEAD(icu(code))));
    text.push_back(static_cast<char16_t>(U16_TRAIL(icu(code))));
  } else {
    text.push_back(static_cast<char16_t>(code));
  }
}

std::u32string from_utf16(std::u16string_view text) {
  std::u32string result;
  for (std::size_t at = 0; at < text.size();) {
    UChar32 code = 0;
    U16_NEXT(text.data(), at, text.size(), code);
    result.push_back(static_cast<char32_t>(code));
  }
  return result;
}

void check_icu(UErrorCode status) {
  if (U_FAILURE(status)) throw Error("text", fmt::format("ICU: {}", u_errorName(status)));
}

std::u32string normalised(const UNormalizer2* form, std::u16string_view text) {
  std::u16string result(text.size() + kLongestForm, u'\0');
  UErrorCode status = U_ZERO_ERROR;
  const auto normalise = [&] {
    status = U_ZERO_ERROR;
    return unorm2_normalize(form, text.data(), static_cast<std::int32_t>(text.size()),
                            result.data(), static_cast<std::int32_t>(result.size()), &status);
  };
  std::int32_t length = normalise();
  if (status == U_BUFFER_OVERFLOW_ERROR) {
    result.resize(static_cast<std::size_t>(length));
    length = normalise();
  }
  check_icu(status);
  return from_utf16(std::u16string_view(result).substr(0, static_cast<std::size_t>(length)));
}

const UNormalizer2* composition() {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* form = unorm2_getNFCInstance(&status);
  check_icu(status);
  return form;
}

/// Appends the composed form of characters that interact with each other only.
void append_composed(std::span<const Character> run, const UNormalizer2* form,
                     std::vector<Character>& result) {
  std::u16string text;
  std::u32string before;
  for (const Character& character : run) {
    append_utf16(text, character.code);
    before.push_back(character.code);
  }
  const std::u32string after = normalised(form, text);
  if (after == before) {
    result.insert(result.end(), run.begin(), run.end());
  } else {
    for (const char32_t code : after) result.push_back({code, run.front().begin, run.back().end});
  }
}

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

bool is_python_space(char32_t code) {
  return is_white_space(code) || (code >= 0x1C && code <= 0x1F);
}
bool is_decimal_digit(char32_t code) { return u_isdigit(icu(code)) != 0; }

bool is_word_character(char32_t code) {
  constexpr std::uint32_t kCategories = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  return u_hasBinaryProperty(icu(code), UCHAR_ALPHABETIC) ||
         u_hasBinaryProperty(icu(code), UCHAR_JOIN_CONTROL) ||
         (U_GET_GC_MASK(icu(code)) & kCategories) != 0;
}

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

std::vector<Character> lower_case_each(std::vector<Character> text) {
  std::vector<Character> lower;
  lower.reserve(text.size());
  for (const auto [code, begin, end] : text) {
    if (code == kCapitalDottedI) {
      lower.push_back({U'i', begin, end});
      lower.push_back({kCombiningDot, begin, end});
    } else {
      lower.push_back({static_cast<char32_t>(u_tolower(icu(code))), begin, end});
    }
  }
  return lower;
}

std::u32string upper_case(char32_t code) {
  std::u16string text;
  append_utf16(text, code);
  std::u16string result(kLongestForm, u'\0');
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t length =
      u_strToUpper(result.data(), static_cast<std::int32_t>(result.size()), text.data(),
                   static_cast<std::int32_t>(text.size()), "", &status);
  check_icu(status);
  return from_utf16(std::u16string_view(result).substr(0, static_cast<std::size_t>(length)));
}

std::vector<Character> compose(std::vector<Character> text) {
  const UNormalizer2* form = composition();
  std::vector<Character> result;
  result.reserve(text.size());
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin + 1;
    while (end < text.size() && !unorm2_hasBoundaryBefore(form, icu(text[end].code))) ++end;
    append_composed(std::span(text).subspan(begin, end - begin), form, result);
    begin = end;
  }
  return result;
}

std::u32string compatibility_form(char32_t code) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* form = unorm2_getNFKCInstance(&status);
  check_icu(status);
  std::u16string text;
  append_utf16(text, code);
  return normalised(form, text);
}

}  // namespace whyclip
