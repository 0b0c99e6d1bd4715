#include "cli/option_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace whyclip::cli {

Json option_json(const MethodOption& option) {
  Json json{{"name", option.name}, {"about", option.description}};
  if (!option.choices.empty()) {
    json["choices"] = option.choices;
    json["default"] = option.default_value;
    return json;
  }
  json["type"] = option.whole ? "integer" : "number";
  json["default"] = Json::parse(option.default_value);
  json["least"] = option.least;
  json["most"] = option.most;
  return json;
}

std::string option_text(const MethodOption& option) {
  const std::string range = option.choices.empty()
                                ? fmt::format("{:g} to {:g}", option.least, option.most)
                                : fmt::format("{}", fmt::join(option.choices, ", "));
  return fmt::format("{}: {} [default: {}]", option.description, range, option.default_value);
}

}  // namespace whyclip::cli
