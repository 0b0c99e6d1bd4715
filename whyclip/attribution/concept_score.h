#pragma once

namespace whyclip {

/// The contributions to a score direction · ẑ: of the mean, of the chosen words, and of the rest.
struct ConceptScore {
  double value = 0;  ///< as the model computes it
  double mean = 0, words = 0, rest = 0;
  double residual = 0;  ///< value − (mean + words + rest)
};

}  // namespace whyclip
