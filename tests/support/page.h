#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos;
       at += part.size()) {
    ++found;
  }
  return found;
}

/// The first tag that is not closed in order, or empty. Knows void elements and skips scripts and
/// styles.
inline std::string first_unbalanced(std::string_view html) {
  constexpr std::string_view kVoid[] = {"meta", "img", "input"};
  std::vector<std::string_view> open;
  std::size_t at = 0;
  while ((at = html.find('<', at)) != std::string_view::npos) {
    const std::size_t end = html.find('>', at);
    if (end == std::string_view::npos) return "unfinished tag";
    const bool closing = html[at + 1] == '/';
    const std::size_t start = at + (closing ? 2 : 1);
    const std::size_t stop = html.find_first_of(" >\n", start);
    const std::string_view name = html.substr(start, stop - start);
    at = end + 1;
    if (html[end - 1] == '/') continue;  // an SVG element without content
    if (name.starts_with("!") || std::ranges::find(kVoid, name) != std::end(kVoid)) continue;
    if (!closing) {
      open.push_back(name);
      if (name == "script" || name == "style") at = html.find("</", at);
    } else if (open.empty() || open.back() != name) {
      return std::string(name);
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : std::string(open.back());
}

}  // namespace whyclip
