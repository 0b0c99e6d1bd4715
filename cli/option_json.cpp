#include "cli/option_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace whyclip::cli {

std::string option_text(const MethodOption& option) {
  const std::string range = option.choices.empty()
                                ? fmt::format("{:g} to {:g}", option.least, option.most)
                                : fmt::format("{}", fmt::join(option.choices, ", "));
  return fmt::format("{}: {} [default: {}]", option.description, range, option.default_value);
}

}  // namespace whyclip::cli
