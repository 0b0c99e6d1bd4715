#include "cli/method_choice.h"

#include <fmt/format.h>

#include <set>

#include "cli/questions.h"

namespace whyclip::cli {

MethodOptionTexts method_options(const std::vector<std::string>& texts) {
  MethodOptionTexts settings;
  for (const std::string& text : texts) {
    const std::size_t dot = text.find('.'), equals = text.find('=');
    if (dot == text.npos || equals == text.npos || equals < dot) {
      throw Error("--set", fmt::format("expected METHOD.OPTION=VALUE, got \"{}\"", text));
    }
    const std::string method = text.substr(0, dot);
    find_method(method);
    settings[method][text.substr(dot + 1, equals - dot - 1)] = text.substr(equals + 1);
  }
  for (const auto& entry : settings) {
    MethodSettings(find_method(entry.first).info, entry.second);
  }
  return settings;
}

std::vector<const Method*> choose_methods(const std::string& text, bool words) {
  std::set<std::string> names;
  for (const std::string& word : parse_class_list(text)) {
    bool family = false;
    for (const Method& method : methods()) {
      if (word != "all" && word != name_of(method.info.family)) continue;
      family = true;
      if (word == "all" && (method.info.name == "published" || (!method.run && !words))) continue;
      names.insert(method.info.name);
    }
    if (!family) names.insert(find_method(word).info.name);
  }
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
