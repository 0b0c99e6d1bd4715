#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whyclip/dataset/dataset.h"
#include "whyclip/evaluation/evaluation_plan.h"
#include "whyclip/image/decode.h"

namespace whyclip {

struct SampleOptions {
  int images = 0;   ///< at most, evenly spaced over the set; 0: all
  int mosaics = 0;  ///< of four images that are asked about different classes
  std::string classifier =
      {};                  ///< the target class where the set does not say; empty: the best one
  bool contrast = false;   ///< by how much the class is ahead of the mean of the others
  std::uint64_t seed = 0;  ///< of the mosaics
  View view = View::kCentreCrop;
  DecodeOptions decode = {};
};

/// A set's images, and mosaics of them, ready for run_evaluation. Nothing is read yet. What is
/// known of an image: the target class, masks of the things of that name and of all parts,
/// and its parts' true effects, if these are of this model: the class scores that the set gives for
/// the whole image are the model's to within 0.01 · (1 + |score|). All arguments must outlive the
/// items. Throws Error for a target class that is not among the classes.
std::vector<Sample> evaluation_samples(const Clip& clip, const ZeroShot& zero_shot,
                                       const Dataset& dataset, const SampleOptions& options);

}  // namespace whyclip
