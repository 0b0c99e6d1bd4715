#include "tests/support/page.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

namespace whyclip::testing {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos;
       at += part.size()) {
    ++found;
  }
  return found;
}

std::string first_unbalanced(std::string_view html) {
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
    if (name.starts_with("!") || std::ranges::find(kVoid, name) != std::end(kVoid)) continue;
    if (!closing) {
      open.push_back(name);
      if (name == "script" || name == "style") at = html.find("</" + std::string(name), at);
    } else if (open.empty() || open.back() != name) {
      return std::string(name);
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : std::string(open.back());
}

std::string between(std::string_view page, std::string_view begin, std::string_view end) {
  const std::size_t from = page.find(begin);
  if (from == page.npos) throw std::runtime_error("no " + std::string(begin));
  page.remove_prefix(from + begin.size());
  const std::size_t to = page.find(end);
  if (to == page.npos) throw std::runtime_error("no " + std::string(end));
  return std::string(page.substr(0, to));
}

std::string tables_of(std::string_view page) { return between(page, "<noscript>", "</noscript>"); }

nlohmann::ordered_json payload_of(std::string_view page) {
  return nlohmann::ordered_json::parse(between(page, "id=\"payload\">", "</script>"));
}

nlohmann::json result_of(std::string_view page) { return payload_of(page).at("result"); }

std::string frame_of(std::string_view page) {
  std::string frame(page);
  for (const auto& [begin, end] :
       {std::pair("<title>", "</title>"), std::pair("<noscript>", "</noscript>"),
        std::pair("id=\"payload\">", "</script>")}) {
    frame.erase(frame.find(begin) + std::string_view(begin).size(),
                between(frame, begin, end).size());
  }
  return frame;
}

::testing::AssertionResult is_page_of(std::string_view page, const nlohmann::json& result) {
  constexpr std::string_view kSvg = "http://www.w3.org/2000/svg";  // a name, not an address
  const std::string open = first_unbalanced(page), frame = frame_of(page);
  if (!open.empty()) return ::testing::AssertionFailure() << "not balanced: " << open;
  if (count(frame, "://") != count(frame, kSvg) || contains(frame, "@import")) {
    return ::testing::AssertionFailure() << "the page needs a file from outside";
  }
  if (!contains(frame, "content=\"default-src 'none'; ")) {
    return ::testing::AssertionFailure() << "no security policy";
  }
  if (result_of(page) != result) return ::testing::AssertionFailure() << "another result";
  return ::testing::AssertionSuccess();
}

}  // namespace whyclip::testing
