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
struct Subject {
  ModelInfo model;
  ImageInfo image;
  TargetInfo target;
  std::vector<std::string> notes;
};

Subject subject_of(const Clip& clip, const Image& image, View view, const std::string& name,
                   const ScoredImage& scored);

/// Moves the common fields into a result.
template <class Result>
void set_subject(Subject subject, Result& result) {
  result.model = std::move(subject.model);
  result.image = std::move(subject.image);
  result.target = std::move(subject.target);
  result.notes = std::move(subject.notes);
}

}  // namespace whyclip
