#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"
#include "whyclip/io/json.h"

namespace whyclip::detail {
namespace {

constexpr const char* kFormat = "whyclip effects 1";

EffectsModel read_model(const JsonView& json) {
  const JsonView model = json.at("model");
  EffectsModel result{model.at("name").string(), model.at("weights_sha256").string(),
                      json.at("templates").string()};
  const std::string& hash = result.weights_sha256;
  const bool sound = hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == hash.npos;
  if (!sound) {
    throw Error(model.at("weights_sha256").where(),
                fmt::format("expected 64 hexadecimal digits in lower case, got \"{}\"", hash));
  }
  return result;
}

void expect_count(const JsonView& json, std::size_t expected, std::size_t got,
                  const char* element) {
  if (expected == got) return;
  throw Error(json.where(), fmt::format("expected one for each {} of dataset.json, {}, got {}",
                                        element, expected, got));
}

std::vector<double> read_scores(const JsonView& json, std::size_t classes) {
  std::vector<double> scores = json.numbers();
  expect_count(json, classes, scores.size(), "class");
  return scores;
}

std::vector<std::vector<double>> read_rows(const JsonView& json, std::size_t rows,
                                           std::size_t classes, const char* element) {
  std::vector<std::vector<double>> result;
  for (const JsonView& row : json.items()) result.push_back(read_scores(row, classes));
  expect_count(json, rows, result.size(), element);
  return result;
}

}  // namespace

Effects read_effects(const std::filesystem::path& file, const DatasetContent& content,
                     const std::vector<ImageCounts>& counts) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return {};
  const JsonView json = JsonView::read(file);
  if (json.at("format").string() != kFormat) {
    throw Error(json.at("format").where(),
                fmt::format("expected \"{}\", got \"{}\"", kFormat, json.at("format").string()));
  }
  if (json.at("dataset").string() != content.name) {
    throw Error(json.at("dataset").where(),
                fmt::format("expected the effects of the data set \"{}\", got \"{}\"", content.name,
                            json.at("dataset").string()));
  }
  std::unordered_map<std::string, std::size_t> positions;
  for (const DatasetImage& image : content.images) positions.emplace(image.name, positions.size());
  Effects effects{read_model(json), {}};
  effects.per_image.resize(content.images.size());
  const std::size_t classes = content.classes.size();
  for (const JsonView& item : json.at("images").items()) {
    const std::string name = inner_path(item.at("file")).generic_string();
    const auto position = positions.find(name);
    if (position == positions.end() || effects.per_image[position->second]) {
      throw Error(
          item.at("file").where(),
          fmt::format("{} {}", name,
                      position == positions.end() ? "is not in dataset.json" : "appears twice"));
    }
    const ImageCounts& count = counts[position->second];
    effects.per_image[position->second] =
        TrueEffects{read_scores(item.at("full"), classes), read_scores(item.at("empty"), classes),
                    read_rows(item.at("things"), count.things, classes, "thing"),
                    read_rows(item.at("parts"), count.parts, classes, "part")};
  }
  return effects;
}

}  // namespace whyclip::detail
