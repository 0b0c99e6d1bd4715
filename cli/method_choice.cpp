#include "cli/method_choice.h"

namespace whyclip::cli {

NamedOptionTexts method_options(const std::vector<std::string>& texts) {
  NamedOptionTexts options = named_options(texts, "--set", "METHOD.OPTION=VALUE",
                                           [](const std::string& name) { find_method(name); });
  check_method_options(options);
  return options;
}

std::vector<const Method*> choose_methods(const std::string& text, bool words) {
  return whyclip::choose_methods(split_at_commas(text, "--methods", "name"), words);
}

}  // namespace whyclip::cli
