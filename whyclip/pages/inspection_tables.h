#pragma once

#include <string>
#include <vector>

#include "whyclip/inspect.h"

// Rows and sentences that every presentation of an inspection shows. `top`: rows per table.

namespace whyclip {

/// A quantity in the computation of a score from two embeddings.
struct ScoreQuantity {
  std::string name = {};     ///< "cosine"
  std::string formula = {};  ///< "z·t / (‖z‖‖t‖)", or empty
  double value = 0;
  bool is_signed = true;  ///< false for norms and scales
};

/// From the norms to the recomposed logit, the model's logit and, last, their difference.
std::vector<ScoreQuantity> quantities_of(const InspectionResult& result);

/// Places in `confidences`, the highest logit first: `top` of them and the target's.
std::vector<std::size_t> shown_confidences(const InspectionResult& result, std::size_t top);
std::string confidences_sentence(const InspectionResult& result, std::size_t top);

/// How many values reach the threshold, or how large the largest one is; without a full stop.
std::string image_beyond_sentence(const InspectionResult& result);
std::string text_beyond_sentence(const InspectionResult& result);
/// How many indices are in both lists, and what they contribute; without a full stop.
std::string both_beyond_sentence(const InspectionResult& result, std::size_t top);

/// The indices with the largest positive and negative contributions, and the sum of the others.
struct LargestProducts {
  std::vector<int> positive = {}, negative = {};  ///< at most `top` each, the largest first
  std::size_t others = 0;                         ///< number of the other indices
  double rest = 0;                                ///< sum of their contributions
};
LargestProducts largest_products(const InspectionResult& result, std::size_t top);

}  // namespace whyclip
