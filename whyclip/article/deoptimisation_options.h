#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "whyclip/core/optimiser.h"
#include "whyclip/core/progress.h"

namespace whyclip {

/// The variable that deoptimisation changes.
enum class Variable {
  kPatches,  ///< patch embeddings, before class token and positions: (rows·columns, width)
  kPixels,   ///< normalised pixels: (height·width, 3)
};

/// "patches", "pixels".
std::string_view name_of(Variable variable);

/// The state of a run before a step; spans are valid only during the call.
struct DeoptimisationStep {
  int run;
  int step;     ///< from 0; called once more after the last step, with an empty gradient
  double loss;  ///< without the penalties
  std::span<const float> state;     ///< in the tower's layout: pixels planar
  std::span<const float> gradient;  ///< of the loss, without the penalties
};

struct DeoptimisationOptions {
  Variable variable = Variable::kPatches;
  Optimiser optimiser = Optimiser::kSgd;
  int steps = 4;
  double rate = 0.01;                   ///< learning rate
  std::optional<double> momentum = {};  ///< μ, or Adam's β₁; none: 0, Adam 0.9
  bool ascend = false;                  ///< ascend the loss instead
  double l2 = 0;                        ///< weight of the penalty Σ(x − start)²
  double variation = 0;                 ///< weight of the total variation of x − start
  double low_pass =
      0;  ///< standard deviation, in cells, of a Gaussian filter on the gradients; 0: none
  int restarts = 1;    ///< number of restarts; the first starts at the image
  double noise = 0.1;  ///< deviation of the other starts from it, relative to the root mean square
                       ///< of its values
  int controls = 1;    ///< runs for a random vector of the same length as the loss's
  std::uint64_t seed = 0;
  int snapshots = 0;  ///< maximum number of snapshots of the first run, evenly over the steps
  std::function<void(const DeoptimisationStep&)> observe = {};
  Progress progress = {};  ///< one unit is a step of a batch of runs
};

}  // namespace whyclip
