#include "cli/named_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip::cli {
std::vector<std::string> words_between_commas(std::string_view text, std::string_view flag) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    const std::size_t first = part.find_first_not_of(kBlanks);
    if (first == part.npos) {
      throw Error(flag, fmt::format("name {} of \"{}\" is empty", words.size() + 1, text));
    }
    words.emplace_back(part.substr(first, part.find_last_not_of(kBlanks) + 1 - first));
    begin = end + 1;
  }
  return words;
}

NamedOptionTexts named_options(const std::vector<std::string>& texts, std::string_view flag,
                               std::string_view form,
                               const std::function<void(const std::string&)>& check) {
  NamedOptionTexts settings;
  for (const std::string& text : texts) {
    const std::size_t dot = text.find('.'), equals = text.find('=');
    if (dot == text.npos || equals == text.npos || equals < dot) {
      throw Error(flag, fmt::format("expected {}, got \"{}\"", form, text));
    }
    const std::string name = text.substr(0, dot);
    check(name);
    settings[name][text.substr(dot + 1, equals - dot - 1)] = text.substr(equals + 1);
  }
  return settings;
}

}  // namespace whyclip::cli
