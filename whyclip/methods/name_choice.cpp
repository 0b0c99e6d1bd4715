#include "whyclip/methods/name_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

Error no_group(std::string_view kind, const std::string& group,
               std::span<const NamedChoice> choices) {
  std::vector<std::string> groups;
  for (const NamedChoice& choice : choices) {
    if (std::ranges::find(groups, choice.group) == groups.end()) groups.push_back(choice.group);
  }
  return {std::string(kind),
          fmt::format("there is no {} \"{}\"; there are {}", kind, group, fmt::join(groups, ", ")),
          ErrorCode::kNotFound};
}

}  // namespace

std::set<std::string> chosen_names(std::span<const std::string> words, std::string_view kind,
                                   std::span<const NamedChoice> choices,
                                   const std::function<void(const std::string&)>& check) {
  const std::string prefix = fmt::format("{}:", kind);
  std::set<std::string> names;
  for (const std::string& word : words) {
    if (std::ranges::find(choices, word, &NamedChoice::name) != choices.end()) {
      names.insert(word);
      continue;
    }
    const bool prefixed = word.starts_with(prefix);
    const std::string group = prefixed ? word.substr(prefix.size()) : word;
    const bool all = !prefixed && word == "all";
    bool found = all;
    for (const NamedChoice& choice : choices) {
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

}  // namespace whyclip
