#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/results/common.h"
#include "whyclip/zero_shot.h"

// What all calls write into their results alike.

namespace whyclip {

ModelInfo model_info(const Clip& clip);
/// Clip::prepare, whose errors name the image if it has a name.
Preprocessed prepare_image(const Clip& clip, const Image& image, View view,
                           const std::string& name);
ImageInfo image_info(const Clip& clip, const Image& image, const Preprocessed& prepared, View view,
                     const std::string& name);
/// Classes, or prompts where there are none, in the classifier's order. The first of the explained
/// name is marked.
std::vector<ScoreRow> score_rows(const ZeroShot& zero_shot, const Scores& scores,
                                 const std::string& explained = {});
/// The score with two decimals, with its sign if it is a difference or a feature (four decimals).
std::string value_text(const TargetInfo& target);
/// "+0.41", or "none".
std::string correlation_text(const std::optional<double>& correlation);
/// "1.2e-06", or "–".
std::string residual_text(const std::optional<double>& residual);
/// "85 ms", "1.2 s".
std::string seconds_text(double seconds);
/// "class “cat”", or the name alone for entries of the image embedding.
std::string target_text(const TargetInfo& target);
/// Classes and templates; nothing for bare prompts.
void add_classifier_settings(const ZeroShot& zero_shot, const std::string& templates,
                             Settings& settings);
/// Sizes, view and patch grid.
void add_image_settings(const ImageInfo& image, Settings& settings);

}  // namespace whyclip
