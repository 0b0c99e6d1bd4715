#include "cli/option_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace whyclip::cli {

Json option_json(const MethodOption& option) {
  Json json{{"name", option.name}, {"about", option.about}};
  if (!option.choices.empty()) {
    json["choices"] = option.choices;
    json["default"] = option.standard;
    return json;
  }
  json["type"] = option.whole ? "integer" : "number";
  json["default"] = Json::parse(option.standard);
  json["least"] = option.least;
  json["most"] = option.most;
  return json;
}

std::string option_text(const MethodOption& option) {
  const std::string range = option.choices.empty()
                                ? fmt::format("{:g} to {:g}", option.least, option.most)
                                : fmt::format("{}", fmt::join(option.choices, ", "));
  return fmt::format("{}: {} [default: {}]", option.about, range, option.standard);
}

}  // namespace whyclip::cli
