#include "whyclip/methods/method_choice.h"

#include "whyclip/core/error.h"
#include "whyclip/methods/name_choice.h"

namespace whyclip {
namespace {

/// The names that the words stand for; `pairs`: "all" includes methods of words and patches too.
std::set<std::string> names_of(std::span<const std::string> words, bool pairs) {
  std::vector<NamedChoice> choices;
  for (const Method& method : methods()) {
    choices.push_back({.name = method.info.name,
                       .group = std::string(name_of(method.info.family)),
                       .in_all = method.info.in_all && (method.run || pairs)});
  }
  return chosen_names(words, "family", choices, [](const std::string& name) { find_method(name); });
}

}  // namespace

std::vector<const Method*> choose_methods(std::span<const std::string> words, bool pairs) {
  const std::set<std::string> names = names_of(words, pairs);
  std::vector<const Method*> result;
  for (const Method& method : methods()) {
    if (!names.contains(method.info.name)) continue;
    if (!method.run && !pairs) {
      throw Error(method.info.name,
                  "gives values to pairs of a word and a patch only: compare with words (--words)");
    }
    result.push_back(&method);
  }
  return result;
}

std::vector<const Method*> named_methods(std::span<const std::string> words) {
  const std::set<std::string> names = names_of(words, true);
  std::vector<const Method*> result;
  for (const Method& method : methods()) {
    if (words.empty() || names.contains(method.info.name)) result.push_back(&method);
  }
  return result;
}

void check_method_options(const OptionTexts& options) {
  for (const auto& [name, values] : options) MethodSettings(find_method(name).info, values);
}

}  // namespace whyclip
