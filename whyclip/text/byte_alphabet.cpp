#include "whyclip/text/byte_alphabet.h"

#include "whyclip/text/unicode.h"

#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

constexpr char32_t kFirstShifted = 0x100;
constexpr std::size_t kShifted = 68;

bool is_unchanged(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
}

/// The bytes of U+0100 and its successors.
const std::array<char, kShifted>& shifted_bytes() {
  static const std::array<char, kShifted> bytes = [] {
    std::array<char, kShifted> result{};
    std::size_t count = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (!is_unchanged(byte)) result.at(count++) = static_cast<char>(byte);
    }
    return result;
  }();
  return bytes;
}

}  // namespace

const std::array<std::string, 256>& byte_symbols() {
  static const std::array<std::string, 256> symbols = [] {
    std::array<std::string, 256> result;
    char32_t next_shifted = kFirstShifted;
    for (unsigned byte = 0; byte < 256; ++byte) {
      append_utf8(result[byte], is_unchanged(byte) ? byte : next_shifted++);
    }
    return result;
  }();
  return symbols;
}

bool is_shifted_symbol(std::string_view symbol) {
  return decode_utf8(symbol, "symbol").front().code >= kFirstShifted;
}

std::optional<std::string> bytes_of_symbols(std::string_view symbols) {
  std::string bytes;
  for (const Character& symbol : decode_utf8(symbols, "vocabulary entry")) {
    const char32_t code = symbol.code;
    if (code < kFirstShifted && is_unchanged(code)) {
      bytes += static_cast<char>(code);
    } else if (code >= kFirstShifted && code < kFirstShifted + kShifted) {
      bytes += shifted_bytes()[code - kFirstShifted];
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

}  // namespace whyclip
