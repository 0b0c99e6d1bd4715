#pragma once

#include <optional>

namespace whyclip {

/// Rank correlations (Spearman) to judge a map of the change; none if one of the two is constant.
struct DeoptimisationCheck {
  std::optional<double> removal = {};  ///< of the map with the removal effects
  std::optional<double> control_removal =
      {};                              ///< mean over the controls' maps, with the removal effects
  std::optional<double> control = {};  ///< mean over the controls' maps, with the map
};

}  // namespace whyclip
