#include "server/models.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/failure.h"
#include "whyclip/extend.h"
#include "whyclip/whyclip.h"

namespace whyclip::server {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson json_of(const ServedModel& model) {
  const ModelDescription description = describe_model(model.clip);
  const int height = description.preprocess.crop.at(0), width = description.preprocess.crop.at(1);
  const int patch = description.vision.patch_size;
  const std::string text = caution(model.clip);
  return {{"id", model.id},
          {"name", model.clip.name()},
          {"embedded", model.clip.is_embedded()},
          {"input_width", width},
          {"input_height", height},
          {"patch_size", patch},
          {"rows", height / patch},
          {"columns", width / patch},
          {"blocks", description.vision.tower.layers},
          {"heads", description.vision.tower.heads},
          {"logit_scale", model.clip.logit_scale()},
          {"default_classes",
           model.clip.is_embedded() ? embedded_classes() : std::vector<std::string>()},
          {"caution", text.empty() ? OrderedJson() : OrderedJson(text)}};
}

}  // namespace

const Clip& find_model(const std::vector<ServedModel>& models, const std::string& id) {
  if (id.empty()) return models.front().clip;
  const auto found = std::ranges::find(models, id, &ServedModel::id);
  if (found != models.end()) return found->clip;
  std::vector<std::string> ids;
  for (const ServedModel& model : models) ids.push_back(model.id);
  refuse_unknown("model", fmt::format("no model is called \"{}\"; the server has {}", id,
                                      fmt::join(ids, ", ")));
}

std::string models_json(const std::vector<ServedModel>& models) {
  OrderedJson list = OrderedJson::array();
  for (const ServedModel& model : models) list.push_back(json_of(model));
  return OrderedJson{{"models", std::move(list)}}.dump() + "\n";
}

}  // namespace whyclip::server
