#include "cli/method_choice.h"

#include <fmt/format.h>

#include <set>

#include "cli/classifier_options.h"
#include "whyclip/text/templates.h"

namespace whyclip::cli {
namespace {

void check_name(const std::string& name) { find_method(name); }

/// The names that the words stand for; `pairs`: "all" holds methods of words and patches too.
std::set<std::string> names_of(const std::vector<std::string>& words, bool pairs) {
  std::vector<Choice> choices;
  for (const Method& method : methods()) {
    choices.push_back({.name = method.info.name,
                       .group = std::string(name_of(method.info.family)),
                       .in_all = method.info.in_all && (method.run || pairs)});
  }
  return chosen_names(words, "family", choices, check_name);
}

}  // namespace

NamedOptionTexts method_options(const std::vector<std::string>& texts) {
  NamedOptionTexts settings = named_options(texts, "--set", "METHOD.OPTION=VALUE", check_name);
  for (const auto& entry : settings) {
    MethodSettings(find_method(entry.first).info, entry.second);
  }
  return settings;
}

std::vector<const Method*> named_methods(const std::vector<std::string>& words) {
  const std::set<std::string> names = names_of(words, true);
  std::vector<const Method*> result;
  for (const Method& method : methods()) {
    if (words.empty() || names.contains(method.info.name)) result.push_back(&method);
  }
  return result;
}

std::vector<const Method*> choose_methods(const std::string& text, bool words) {
  const std::set<std::string> names = names_of(split_at_commas(text, "--methods", "name"), words);
  std::vector<const Method*> result;
  for (const Method& method : methods()) {
    if (!names.contains(method.info.name)) continue;
    if (!method.run && !words) {
      throw Error(method.info.name,
                  "speaks of pairs of a word and a patch: ask for them by --words");
    }
    result.push_back(&method);
  }
  return result;
}

}  // namespace whyclip::cli
