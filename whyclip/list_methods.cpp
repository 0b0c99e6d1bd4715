#include "whyclip/list_methods.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "whyclip/methods/method_choice.h"

namespace whyclip {

MethodList list_methods(const std::vector<std::string>& names) {
  MethodList list;
  for (const Method* method : named_methods(names)) {
    list.methods.push_back({method->info, method->units()});
  }
  return list;
}

std::string option_text(const MethodOption& option) {
  const std::string range = option.choices.empty()
                                ? fmt::format("{:g} to {:g}", option.least, option.most)
                                : fmt::format("{}", fmt::join(option.choices, ", "));
  return fmt::format("{}: {} [default: {}]", option.description, range, option.default_value);
}

}  // namespace whyclip
