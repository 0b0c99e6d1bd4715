#include "whyclip/text/html_entities.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace whyclip {
namespace {

struct NamedReference {
  std::string_view name;   ///< without its semicolon
  char32_t first, second;  ///< second is 0 for most
  bool bare;               ///< also valid without semicolon
};

#include "whyclip/text/html_entities.inc"

constexpr std::size_t kLongestName = 32;  // as in Python's pattern, semicolon not counted
constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kLastCodePoint = 0x10FFFF;

const NamedReference* find_name(std::string_view name) {
  const auto found = std::ranges::lower_bound(kNamed, name, {}, &NamedReference::name);
  return found != kNamed.end() && found->name == name ? found : nullptr;
}

/// Code points that HTML does not allow in references; Python removes such references.
bool is_forbidden(char32_t code) {
  return (code >= 0x1 && code <= 0x8) || code == 0xB || (code >= 0xE && code <= 0x1F) ||
         code == 0x7F || (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
}

/// The code point of a numeric reference; nullopt if the reference is removed.
std::optional<char32_t> numbered(char32_t number) {
  if (number >= 0x80 && number <= 0x9F) return kWindows1252[number - 0x80];
  if (number == 0 || (number >= 0xD800 && number <= 0xDFFF) || number > kLastCodePoint) {
    return kReplacement;
  }
  if (is_forbidden(number)) return std::nullopt;
  return number;
}

std::optional<char32_t> digit_value(char32_t code, bool hexadecimal) {
  if (code >= U'0' && code <= U'9') return code - U'0';
  if (hexadecimal && code >= U'a' && code <= U'f') return code - U'a' + 10;
  if (hexadecimal && code >= U'A' && code <= U'F') return code - U'A' + 10;
  return std::nullopt;
}

bool ends_name(char32_t code) {
  return std::u32string_view(U"\t\n\f <&#;").find(code) != std::u32string_view::npos;
}

/// Copies a text and replaces its character references.
class Unescaper {
 public:
  explicit Unescaper(const std::vector<Character>& text) : text_(text) {
    out_.reserve(text.size());
  }

  std::vector<Character> run() {
    while (at_ < text_.size()) {
      if (code(at_) != U'&' || !(code(at_ + 1) == U'#' ? take_number() : take_name())) {
        out_.push_back(text_[at_++]);
      }
    }
    return std::move(out_);
  }

 private:
  /// The code point at an index, 0 after the end.
  char32_t code(std::size_t index) const { return index < text_.size() ? text_[index].code : 0; }

  void put(char32_t code, std::size_t after) {
    out_.push_back({code, text_[at_].begin, text_[after - 1].end});
  }

  /// Replaces the reference at the current position. Returns false without advancing if there
  /// is none.
  bool take_number() {
    const bool hexadecimal = code(at_ + 2) == U'x' || code(at_ + 2) == U'X';
    const std::size_t first_digit = at_ + (hexadecimal ? 3 : 2);
    std::size_t after = first_digit;
    char32_t number = 0;
    while (const std::optional<char32_t> digit = digit_value(code(after), hexadecimal)) {
      number = std::min(number * (hexadecimal ? 16 : 10) + *digit, kLastCodePoint + 1);
      ++after;
    }
    if (after == first_digit) return false;
    if (code(after) == U';') ++after;
    if (const std::optional<char32_t> meant = numbered(number)) put(*meant, after);
    at_ = after;
    return true;
  }

  bool take_name() {
    const std::size_t begin = at_ + 1;
    std::size_t end = begin;
    std::string name;  // up to the first letter that no name has
    while (end < text_.size() && end - begin < kLongestName && !ends_name(code(end))) {
      if (name.size() == end - begin && code(end) < 0x80) name += static_cast<char>(code(end));
      ++end;
    }
    const bool whole = name.size() == end - begin && code(end) == U';';
    if (whole && replace(find_name(name), end + 1)) return true;
    for (; name.size() >= 2; name.pop_back()) {
      const NamedReference* found = find_name(name);
      if (found != nullptr && found->bare) return replace(found, begin + name.size());
    }
    return false;
  }

  bool replace(const NamedReference* reference, std::size_t after) {
    if (reference == nullptr) return false;
    put(reference->first, after);
    if (reference->second != 0) put(reference->second, after);
    at_ = after;
    return true;
  }

  const std::vector<Character>& text_;
  std::size_t at_ = 0;
  std::vector<Character> out_;
};

constexpr std::size_t kLongestComplete = 24;

bool is_ascii_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_ascii_alphanumeric(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}

/// Returns whether a name without semicolon starts with a name that is valid bare.
bool starts_with_bare_name(std::string_view name) {
  for (std::size_t length = name.size(); length >= 2; --length) {
    const NamedReference* found = find_name(name.substr(0, length));
    if (found != nullptr && found->bare) return true;
  }
  return false;
}

/// The capitals that a name in capitals stands for; nullopt if the name is ambiguous or unknown.
std::optional<std::u32string> capitals_of(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'a' && c <= 'z') return std::nullopt;
    if (is_ascii_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  const NamedReference* found = find_name(lower);
  if (found == nullptr || starts_with_bare_name(name)) return std::nullopt;
  std::u32string result = upper_case(found->first);
  if (found->second != 0) result += upper_case(found->second);
  return result;
}

std::optional<std::u32string> named_text(std::string_view name) {
  const NamedReference* found = find_name(name);
  if (found == nullptr) return capitals_of(name);
  std::u32string result = {found->first};
  if (found->second != 0) result += found->second;
  return result;
}

/// The text of "#233" or "#xE9"; empty for forbidden numbers; nullopt if it is not a number, or
/// that of the semicolon.
std::optional<std::u32string> numbered_text(std::string_view reference) {
  const bool hexadecimal = reference[1] == 'x' || reference[1] == 'X';
  const std::string_view digits = reference.substr(hexadecimal ? 2 : 1);
  if (digits.empty()) return std::nullopt;
  char32_t number = 0;
  for (const char c : digits) {
    const std::optional<char32_t> digit = digit_value(static_cast<char32_t>(c), hexadecimal);
    if (!digit) return std::nullopt;
    number = std::min(number * (hexadecimal ? 16 : 10) + *digit, kLastCodePoint + 1);
  }
  const std::optional<char32_t> meant = numbered(number);
  if (meant == U';') return std::nullopt;
  return meant ? std::u32string{*meant} : std::u32string();
}

/// The reference at an index without & and semicolon; empty if there is none.
std::string complete_reference(std::span<const Character> text) {
  std::string reference;
  std::size_t at = 1;
  if (at < text.size() && text[at].code == U'#') reference += static_cast<char>(text[at++].code);
  const std::size_t first = at;
  while (at < text.size() && is_ascii_alphanumeric(text[at].code) &&
         at - first < kLongestComplete) {
    reference += static_cast<char>(text[at++].code);
  }
  const bool is_complete = at > first && at < text.size() && text[at].code == U';';
  return is_complete ? reference : std::string();
}

}  // namespace

std::vector<Character> unescape_complete_html(std::vector<Character> text) {
  std::vector<Character> result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::string reference =
        text[at].code == U'&' ? complete_reference(std::span(text).subspan(at)) : std::string();
    std::optional<std::u32string> meant;
    if (!reference.empty()) {
      meant = reference[0] == '#' ? numbered_text(reference) : named_text(reference);
    }
    if (!meant) {
      result.push_back(text[at++]);
      continue;
    }
    const std::size_t end = at + reference.size() + 2;
    for (const char32_t code : *meant) {
      result.push_back({code, text[at].begin, text[end - 1].end});
    }
    at = end;
  }
  return result;
}

std::vector<Character> unescape_html(std::vector<Character> text) {
  const bool plain = std::ranges::none_of(text, [](const Character& c) { return c.code == U'&'; });
  return plain ? text : Unescaper(text).run();
}

}  // namespace whyclip
