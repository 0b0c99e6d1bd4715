#include "cli/named_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip::cli {
namespace {

Error no_group(std::string_view kind, const std::string& group,
               const std::vector<Choice>& choices) {
  std::vector<std::string> groups;
  for (const Choice& choice : choices) {
    if (std::ranges::find(groups, choice.group) == groups.end()) groups.push_back(choice.group);
  }
  return {std::string(kind),
          fmt::format("there is no {} \"{}\"; there are {}", kind, group, fmt::join(groups, ", "))};
}

}  // namespace

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

std::set<std::string> chosen_names(const std::vector<std::string>& words, std::string_view kind,
                                   const std::vector<Choice>& choices,
                                   const std::function<void(const std::string&)>& check) {
  const std::string prefix = fmt::format("{}:", kind);
  std::set<std::string> names;
  for (const std::string& word : words) {
    if (std::ranges::find(choices, word, &Choice::name) != choices.end()) {
      names.insert(word);
      continue;
    }
    const bool prefixed = word.starts_with(prefix);
    const std::string group = prefixed ? word.substr(prefix.size()) : word;
    const bool all = !prefixed && word == "all";
    bool found = all;
    for (const Choice& choice : choices) {
      found = found || group == choice.group;
      if (group == choice.group || (all && choice.in_all)) names.insert(choice.name);
    }
    if (found) continue;
    if (prefixed) throw no_group(kind, group, choices);
    check(word);
    names.insert(word);
  }
  return names;
}

}  // namespace whyclip::cli
