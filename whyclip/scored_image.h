#pragma once

#include <string>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"
#include "whyclip/core/progress.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"
#include "whyclip/zero_shot.h"

// The first steps of explain, compare, trace and deoptimise.

namespace whyclip {

/// An image with its recorded forward pass, and the score that is explained.
struct ScoredImage {
  Preprocessed prepared;
  ZeroShot zero_shot;
  RecordedImage recorded;
  Scores scores;
  Target target;
};

/// Prepares and encodes the image once, encodes the texts and chooses the target. Throws Error as
/// prepare_image, make_classifier and choose_target do; Cancelled.
ScoredImage score_image(const Clip& clip, const Image& image, View view, const std::string& name,
                        const TargetOptions& options, const Progress& progress);

/// The fields that results about one score of one image have in common.
struct CommonFields {
  ModelInfo model;
  ImageInfo image;
  TargetInfo target;
  std::vector<std::string> notes;
};

CommonFields common_fields(const Clip& clip, const Image& image, View view, const std::string& name,
                           const ScoredImage& scored);

/// Moves the common fields into a result.
template <class Result>
void set_common_fields(CommonFields fields, Result& result) {
  result.model = std::move(fields.model);
  result.image = std::move(fields.image);
  result.target = std::move(fields.target);
  result.notes = std::move(fields.notes);
}

}  // namespace whyclip
