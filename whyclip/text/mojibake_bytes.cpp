#include "whyclip/text/mojibake_bytes.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

constexpr std::uint8_t kBlank = 0x20;
constexpr std::uint8_t kNoBreakSpace = 0xA0;
constexpr std::uint8_t kAGraveLead = 0xC3;
constexpr std::size_t kSurrogatePairBytes = 6;
constexpr std::array<std::uint8_t, 3> kReplacementBytes = {0xEF, 0xBF, 0xBD};  // U+FFFD

/// Byte sets of patterns, each a list of ranges.
struct ByteRange {
  std::uint8_t first, last;
};

struct ByteSet {
  std::array<ByteRange, 4> ranges;
  std::size_t count = 0;

  constexpr ByteSet(std::initializer_list<ByteRange> list) : ranges{} {
    for (const ByteRange& range : list) ranges[count++] = range;
  }
  bool contains(std::uint8_t byte) const {
    return std::any_of(ranges.begin(), ranges.begin() + std::ptrdiff_t(count),
                       [&](ByteRange r) { return byte >= r.first && byte <= r.last; });
  }
};

using BytePattern = std::vector<ByteSet>;

constexpr ByteSet kOneBlank = {{kBlank, kBlank}};
constexpr ByteSet kContinuation = {{0x80, 0xBF}};
/// Without 0x85, a common ellipsis, and 0xA0.
constexpr ByteSet kProbable = {{0x80, 0x84}, {0x86, 0x9F}, {0xA1, 0xBF}};
constexpr ByteSet kLost = {{0x1A, 0x1A}};
constexpr ByteSet kLostOrQuestion = {{0x1A, 0x1A}, {'?', '?'}};
constexpr ByteSet kContinuationOrLost = {{0x80, 0xBF}, {0x1A, 0x1A}};
constexpr ByteSet kContinuationOrAnyLost = {{0x80, 0xBF}, {0x1A, 0x1A}, {'?', '?'}};

/// Sequences that are UTF-8 if the blank is a no-break space. Lead bytes are those whose character
/// is likely (ftfy/chardata.py: ALTERED_UTF8_RE).
const std::vector<BytePattern>& altered_sequences() {
  static const std::vector<BytePattern> patterns = {
      {{{0xC2, 0xC3}, {0xC5, 0xC5}, {0xCE, 0xCE}, {0xD0, 0xD0}}, kOneBlank},
      {{{0xD9, 0xD9}}, kOneBlank},
      {{{0xE2, 0xE3}}, kOneBlank, kProbable},
      {{{0xE0, 0xE3}}, kProbable, kOneBlank},
      {{{0xF0, 0xF0}}, kOneBlank, kContinuation, kContinuation},
      {{{0xF0, 0xF0}}, kContinuation, kOneBlank, kContinuation},
      {{{0xF0, 0xF0}}, kContinuation, kContinuation, kOneBlank}};
  return patterns;
}

/// ftfy/chardata.py: LOSSY_UTF8_RE.
const std::vector<BytePattern>& lossy_sequences() {
  constexpr ByteSet kSurrogate = {{0xED, 0xED}}, kHigh = {{0xA0, 0xAF}}, kLow = {{0xB0, 0xBF}};
  constexpr ByteSet kThree = {{0xE0, 0xEF}}, kFour = {{0xF0, 0xF4}};
  static const std::vector<BytePattern> patterns = {
      {{{0xC2, 0xDF}}, kLost},
      {{{0xC2, 0xC3}}, {{'?', '?'}}},
      {kSurrogate, kHigh, kLostOrQuestion, kSurrogate, kLow, kContinuationOrAnyLost},
      {kSurrogate, kHigh, kContinuationOrAnyLost, kSurrogate, kLow, kLostOrQuestion},
      {kThree, kLostOrQuestion, kContinuationOrLost},
      {kThree, kContinuationOrLost, kLostOrQuestion},
      {kFour, kLostOrQuestion, kContinuationOrLost, kContinuationOrLost},
      {kFour, kContinuationOrLost, kLostOrQuestion, kContinuationOrLost},
      {kFour, kContinuationOrLost, kContinuationOrLost, kLostOrQuestion},
      {kLost}};
  return patterns;
}

/// Length of the first pattern that matches at the start of the bytes; 0 if none does.
std::size_t match_length(const std::vector<BytePattern>& patterns,
                         std::span<const SourceByte> bytes) {
  for (const BytePattern& pattern : patterns) {
    const auto matches = [](const ByteSet& set, const SourceByte& byte) {
      return set.contains(byte.value);
    };
    if (pattern.size() <= bytes.size() &&
        std::equal(pattern.begin(), pattern.end(), bytes.begin(), matches)) {
      return pattern.size();
    }
  }
  return 0;
}

bool starts_with(std::span<const SourceByte> bytes, std::string_view text) {
  return bytes.size() >= text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin(), [](char c, const SourceByte& byte) {
           return static_cast<std::uint8_t>(c) == byte.value;
         });
}

/// Returns whether the bytes after "Ã " continue a word that begins with à: Portuguese às, àquele,
/// àquela, àquilo (ftfy/fixes.py: A_GRAVE_WORD_RE).
bool continues_word(std::span<const SourceByte> bytes) {
  constexpr std::array<std::string_view, 5> kContinuations = {" ", "quele", "quela", "quilo", "s "};
  return std::ranges::any_of(kContinuations,
                             [&](std::string_view each) { return starts_with(bytes, each); });
}

std::vector<SourceByte> restore_a_grave(const std::vector<SourceByte>& bytes) {
  std::vector<SourceByte> result;
  result.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    result.push_back(bytes[i]);
    const bool is_word = bytes[i].value == kAGraveLead && i + 1 < bytes.size() &&
                         bytes[i + 1].value == kBlank &&
                         !continues_word(std::span(bytes).subspan(i + 2));
    if (!is_word) continue;
    result.push_back({kNoBreakSpace, bytes[i].begin, bytes[i].end});
    result.push_back(bytes[++i]);
  }
  return result;
}

/// The character of a surrogate pair that is encoded as two times three bytes.
std::optional<char32_t> surrogate_pair(std::span<const SourceByte> bytes) {
  if (bytes.size() < kSurrogatePairBytes) return std::nullopt;
  const auto at = [&](std::size_t i) { return static_cast<char32_t>(bytes[i].value); };
  const auto in = [&](std::size_t i, char32_t first, char32_t last) {
    return at(i) >= first && at(i) <= last;
  };
  const bool is_pair = at(0) == 0xED && in(1, 0xA0, 0xAF) && in(2, 0x80, 0xBF) && at(3) == 0xED &&
                       in(4, 0xB0, 0xBF) && in(5, 0x80, 0xBF);
  if (!is_pair) return std::nullopt;
  return 0x10000 + ((at(1) & 0x0F) << 16) + ((at(2) & 0x3F) << 10) + ((at(4) & 0x0F) << 6) +
         (at(5) & 0x3F);
}

}  // namespace

std::vector<SourceByte> restore_no_break_spaces(std::vector<SourceByte> bytes) {
  const std::span<const SourceByte> all = bytes;
  std::size_t at = 0;
  while (at < all.size() && match_length(altered_sequences(), all.subspan(at)) == 0) ++at;
  if (at == all.size()) return bytes;

  std::vector<SourceByte> result = restore_a_grave(bytes);
  for (at = 0; at < result.size();) {
    const std::size_t length = match_length(altered_sequences(), std::span(result).subspan(at));
    for (std::size_t i = at; i < at + length; ++i) {
      if (result[i].value == kBlank) result[i].value = kNoBreakSpace;
    }
    at += std::max<std::size_t>(length, 1);
  }
  return result;
}

std::vector<SourceByte> replace_lossy_sequences(std::vector<SourceByte> bytes) {
  std::vector<SourceByte> result;
  result.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = match_length(lossy_sequences(), std::span(bytes).subspan(at));
    if (length == 0) {
      result.push_back(bytes[at++]);
      continue;
    }
    for (const std::uint8_t value : kReplacementBytes) {
      result.push_back({value, bytes[at].begin, bytes[at + length - 1].end});
    }
    at += length;
  }
  return result;
}

std::optional<std::vector<Character>> decode_utf8_variants(const std::vector<SourceByte>& bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const SourceByte& byte : bytes) text.push_back(static_cast<char>(byte.value));
  std::vector<Character> result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    std::optional<char32_t> code = surrogate_pair(std::span(bytes).subspan(at));
    if (code) {
      at += kSurrogatePairBytes;
    } else if (std::string_view(text).substr(at).starts_with("\xC0\x80")) {
      code = U'\0';
      at += 2;
    } else {
      code = next_code_point(text, at);
    }
    if (!code) return std::nullopt;
    result.push_back({*code, bytes[begin].begin, bytes[at - 1].end});
  }
  return result;
}

}  // namespace whyclip
