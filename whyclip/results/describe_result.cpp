#include "whyclip/results/describe_result.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "whyclip/core/error.h"
#include "whyclip/model/config.h"

namespace whyclip {

ModelInfo model_info(const Clip& clip) { return {clip.name(), double(clip.logit_scale())}; }

Preprocessed prepare_image(const Clip& clip, const Image& image, View view,
                           const std::string& name) {
  try {
    return clip.prepare(image, view);
  } catch (const Error& error) {
    if (name.empty()) throw;
    throw Error(name, error.message(), error.code());
  }
}

ImageInfo image_info(const Clip& clip, const Image& image, const Preprocessed& prepared, View view,
                     const std::string& name) {
  const int patch = clip.config().vision.patch_size;
  return {.name = name,
          .width = image.width,
          .height = image.height,
          .whole = view == View::kWholeImage,
          .input_width = prepared.width,
          .input_height = prepared.height,
          .patch_size = patch,
          .grid = patch_grid(prepared, patch)};
}

std::vector<ScoreRow> score_rows(const ZeroShot& zero_shot, const Scores& scores,
                                 const std::string& explained) {
  std::vector<ScoreRow> rows;
  bool marked = false;  // of equal names the first is explained
  const auto add = [&](const std::string& name, double similarity, double logit,
                       double probability) {
    const bool mark = !marked && !explained.empty() && name == explained;
    marked = marked || mark;
    rows.push_back({name, similarity, logit, probability, mark});
  };
  for (std::size_t i = 0; i < scores.classes.size(); ++i) {
    const ClassScore& s = scores.classes[i];
    add(zero_shot.classes[i], s.similarity, s.logit, s.probability);
  }
  if (!rows.empty()) return rows;
  for (std::size_t i = 0; i < scores.prompts.size(); ++i) {
    const PromptScore& s = scores.prompts[i];
    add(zero_shot.prompts[i].text, s.similarity, s.logit, s.probability);
  }
  return rows;
}

std::string value_text(const TargetInfo& target) {
  if (target.unit == "feature") return fmt::format("{:+.4f}", target.value);  // often below 1
  return target.kind == "contrast" ? fmt::format("{:+.2f}", target.value)
                                   : fmt::format("{:.2f}", target.value);
}

std::string correlation_text(const std::optional<double>& correlation) {
  return correlation ? fmt::format("{:+.2f}", *correlation) : "none";
}

std::string residual_text(const std::optional<double>& residual) {
  return residual ? fmt::format("{:.1e}", *residual) : "–";
}

std::string seconds_text(double seconds) {
  return seconds < 0.0995 ? fmt::format("{:.0f} ms", 1e3 * seconds)
                          : fmt::format("{:.1f} s", seconds);
}

std::string target_text(const TargetInfo& target) {
  return target.unit == "feature" ? target.name : fmt::format("{} “{}”", target.kind, target.name);
}

void add_classifier_settings(const ZeroShot& zero_shot, const std::string& templates,
                             Settings& settings) {
  if (zero_shot.classes.empty()) return;
  settings.emplace_back("classes", fmt::format("{}", fmt::join(zero_shot.classes, ", ")));
  settings.emplace_back("templates", templates);
}

void add_image_settings(const ImageInfo& image, Settings& settings) {
  settings.emplace_back("image", fmt::format("{} × {}", image.width, image.height));
  settings.emplace_back("view", image.whole ? "whole image" : "centre crop");
  settings.emplace_back("model input", fmt::format("{} × {}, patches of {}", image.input_width,
                                                   image.input_height, image.patch_size));
  settings.emplace_back("patch grid", fmt::format("{} × {}", image.grid.rows, image.grid.columns));
}

const char* version() { return WHYCLIP_VERSION; }

std::string file_name(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.empty() ? "the image" : name;
}

std::string block_of(const std::string& trace_point) {
  constexpr std::string_view kBlocks = "vision.blocks.";
  if (!trace_point.starts_with(kBlocks)) {
    return trace_point == "vision.ln_pre" ? "before the blocks" : "after the blocks";
  }
  const std::size_t end = trace_point.find('.', kBlocks.size());
  return "block " + trace_point.substr(kBlocks.size(), end - kBlocks.size());
}

}  // namespace whyclip
