#include "whyclip/render/html.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

constexpr char32_t kReplacement = U'\uFFFD';

bool is_control(char32_t c) {
  return (c < 0x20 && c != U'\n' && c != U'\t') || (c >= 0x7F && c < 0xA0);
}

/// The entity for a character with a meaning in HTML; empty for all others.
std::u32string_view entity(char32_t c) {
  switch (c) {
    case U'&':
      return U"&amp;";
    case U'<':
      return U"&lt;";
    case U'>':
      return U"&gt;";
    case U'"':
      return U"&quot;";
    case U'\'':
      return U"&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::u32string safe;
  safe.reserve(text.size());
  for (const char32_t c : code_points(text)) {
    const std::u32string_view replaced = entity(c);
    if (replaced.empty()) {
      safe.push_back(is_control(c) ? kReplacement : c);
    } else {
      safe += replaced;
    }
  }
  return to_utf8(safe);
}

std::string fill_template(std::string_view text,
                          const std::map<std::string_view, std::string_view>& values) {
  std::string filled;
  for (;;) {
    const std::size_t open = text.find("{{");
    filled += text.substr(0, open);
    if (open == std::string_view::npos) return filled;
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) throw Error("template", "'{{' without '}}'");
    const std::string_view name = text.substr(open + 2, close - open - 2);
    const auto value = values.find(name);
    if (value == values.end()) {
      throw Error("template", fmt::format("no value for the placeholder '{}'", name));
    }
    filled += value->second;
    text.remove_prefix(close + 2);
  }
}

}  // namespace whyclip
