#include "whyclip/evaluation/result_json.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

constexpr std::string_view kFormat = "whyclip evaluation 1";

using Json = nlohmann::ordered_json;

/// Six significant digits keep the files small.
Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(Json::parse(fmt::format("{:.6g}", value)));
  return list;
}

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_line(const MethodResult& result) {
  Json json{{"item", result.sample}, {"method", result.method}};
  if (!result.error.empty()) {
    json["error"] = result.error;
    return dumped(json);
  }
  json["seconds"] = Json::parse(fmt::format("{:.4g}", result.seconds));
  json["metrics"] = Json::object();
  json["missing"] = Json::object();
  for (const auto& entry : result.metrics) {
    if (entry.second.statistics.empty()) {
      json["missing"][entry.first] = entry.second.reason;
    } else {
      json["metrics"][entry.first] = numbers(entry.second.statistics);
    }
  }
  json["curves"] = Json::object();
  for (const auto& entry : result.curves) {
    json["curves"][entry.first] = {numbers(entry.second.most_first),
                                   numbers(entry.second.least_first)};
  }
  return dumped(json);
}

MethodResult result_of(const JsonView& json) {
  MethodResult result{.sample = json.at("item").string(), .method = json.at("method").string()};
  if (json.has("error")) {
    result.error = json.at("error").string();
    return result;
  }
  result.seconds = json.at("seconds").number();
  const JsonView metrics = json.at("metrics"), missing = json.at("missing"),
                 curves = json.at("curves");
  for (const std::string& name : metrics.keys()) {
    result.metrics[name].statistics = metrics.at(name).numbers();
  }
  for (const std::string& name : missing.keys()) {
    result.metrics[name].reason = missing.at(name).string();
  }
  for (const std::string& name : curves.keys()) {
    const std::vector<JsonView> pair = curves.at(name).items();
    if (pair.size() != 2) throw Error(curves.at(name).where(), "expected two curves");
    result.curves[name] = {pair[0].numbers(), pair[1].numbers()};
  }
  return result;
}

std::string header_line(const std::vector<std::pair<std::string, std::string>>& run_metadata) {
  Json json{{"format", kFormat}, {"run_metadata", Json::object()}};
  for (const auto& [name, value] : run_metadata) json["run_metadata"][name] = value;
  return dumped(json);
}

void check_header(const JsonView& json, const std::string& file,
                  const std::vector<std::pair<std::string, std::string>>& run_metadata) {
  if (!json.has("format") || json.at("format").string() != kFormat) {
    throw Error(file, fmt::format("expected the format \"{}\"; another program or version wrote it",
                                  kFormat));
  }
  // Runs of older versions have the name "facts".
  const JsonView stored = json.at(json.has("facts") ? "facts" : "run_metadata");
  for (const auto& [name, value] : run_metadata) {
    const std::string stored_value =
        stored.has(name) ? stored.at(name).string() : std::string("nothing");
    if (stored_value == value) continue;
    throw Error(file, fmt::format("holds results of another evaluation: {} is “{}” there and “{}” "
                                  "now; give another folder with --out, or delete this one",
                                  name, stored_value, value));
  }
}

}  // namespace whyclip
