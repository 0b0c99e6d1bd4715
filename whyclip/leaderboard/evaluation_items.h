#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whyclip/dataset/dataset.h"
#include "whyclip/image/decode.h"
#include "whyclip/leaderboard/evaluation_plan.h"

namespace whyclip {

struct EvaluationItemOptions {
  int pictures = 0;       ///< at most, evenly spaced over the set; 0: all
  int mosaics = 0;        ///< of four pictures that are asked about different classes
  std::string ask = {};   ///< the class asked about where the set does not say; empty: the best one
  bool contrast = false;  ///< by how much the class is ahead of the mean of the others
  std::uint64_t seed = 0;  ///< of the mosaics
  View view = View::kCentreCrop;
  DecodeOptions decode = {};
};

/// A set's pictures, and mosaics of them, ready for run_evaluation. Nothing is read yet. What is
/// known of a picture: the class asked about, masks of the things of that name and of all parts,
/// and its parts' true effects, if these are of this model: the class scores that the set gives for
/// the whole picture are the model's to within 0.01 · (1 + |score|). All arguments must outlive the
/// items. Throws Error for a class asked about that is not among the classes.
std::vector<EvaluationItem> evaluation_items(const Clip& clip, const ZeroShot& zero_shot,
                                             const Dataset& dataset,
                                             const EvaluationItemOptions& options);

}  // namespace whyclip
