#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whyclip/dataset/dataset.h"
#include "whyclip/evaluation/evaluation_plan.h"
#include "whyclip/image/decode.h"

namespace whyclip {

struct SampleOptions {
  int images = 0;   ///< maximum number, evenly spaced over the set; 0: all
  int mosaics = 0;  ///< number of mosaics of four images with different target classes
  /// Target class of images for which the set names none; empty: the class with the highest score.
  std::string target_class = {};
  bool contrast = false;   ///< target: the class minus the mean of the other classes
  std::uint64_t seed = 0;  ///< for the choice of the mosaics' images
  View view = View::kCentreCrop;
  DecodeOptions decode = {};
};

/// The samples of a data set, and mosaics of its images, for run_evaluation. Images are read by
/// Sample::load. The ground truth of an image: the target class, masks of the things of that class
/// and of all parts, and the true effects of its parts. The effects are used only if the set's
/// class scores of the full image differ from the model's by at most 0.01 · (1 + |score|). All
/// arguments must outlive the samples. Throws Error for a target class that is not among the
/// classes.
std::vector<Sample> evaluation_samples(const Clip& clip, const ZeroShot& zero_shot,
                                       const Dataset& dataset, const SampleOptions& options);

}  // namespace whyclip
