#include "cli/named_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip::cli {
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
