#include "whyclip/text/html_entities.h"

#include <algorithm>
#include <array>
#include <optional>
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

}  // namespace

std::vector<Character> unescape_html(std::vector<Character> text) {
  const bool plain = std::ranges::none_of(text, [](const Character& c) { return c.code == U'&'; });
  return plain ? text : Unescaper(text).run();
}

}  // namespace whyclip
