#include "whyclip/io/printable.h"

#include <fmt/format.h>

#include <optional>

#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t kMostShown = 80;
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    if (shown.size() >= kMostShown) return shown + "…";
    const std::size_t start = at;
    const std::optional<char32_t> code = next_code_point(text, at);
    const std::string_view bytes = text.substr(start, at - start);
    if (code && !is_control(*code)) {
      shown += bytes;
    } else {
      for (const char byte : bytes) shown += fmt::format("\\x{:02x}", std::uint8_t(byte));
    }
  }
  return shown;
}

bool is_printable(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::optional<char32_t> code = next_code_point(text, at);
    if (!code || is_control(*code)) return false;
  }
  return true;
}

}  // namespace whyclip
