#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/article/deoptimisation_loss.h"
#include "whyclip/article/optimiser.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"

namespace whyclip {

/// The variable that deoptimisation changes.
enum class Variable {
  kPatches,  ///< patch embeddings, before class token and positions: (rows·columns, width)
  kPixels,   ///< normalised pixels: (height·width, 3)
};

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

/// The change at one step of a run.
struct DeoptimisationSnapshot {
  int step;
  Tensor change;  ///< (cells, channels)
};

/// The result of one descent.
struct DeoptimisationRun {
  bool control = false;           ///< whether the loss has a random vector
  std::vector<float> vector;      ///< the vector of its loss, (projection)
  std::vector<double> losses;     ///< before each step and after the last, without the penalties
  std::vector<double> distances;  ///< ‖x − start‖ / ‖start‖ at the same steps
  std::optional<int>
      diverged;   ///< the step after which a value was not finite; `state` is the last finite one
  Tensor state;   ///< (cells, channels)
  Tensor change;  ///< state − start of this run
  std::vector<DeoptimisationSnapshot> snapshots;  ///< of the first run, if requested
};

struct Deoptimisation {
  Variable variable = Variable::kPatches;
  int rows = 0, columns = 0;            ///< of the grid of cells
  std::vector<DeoptimisationRun> runs;  ///< restarts first, then controls
  Optimiser optimiser = Optimiser::kSgd;
};

/// Deoptimises an image: descends the score by gradient steps on its patch embeddings or pixels.
/// The change shows which parts of the image the score depends on. The method of the blog article
/// "What parts of an image contribute to the CLIP classification?" (19 November 2022, with plain
/// descent), with restarts and random controls as runs of one batch. The bits of a run depend
/// neither on the others nor on the number of threads; memory does not grow with the steps.
///
/// Throws Error for options out of range, a loss of another width, or an embedding that is not
/// finite before the first step; Cancelled. A diverging run ends; the others continue.
Deoptimisation deoptimise(const Clip& clip, const RecordedImage& recorded,
                          const DeoptimisationLoss& loss,
                          const DeoptimisationOptions& options = {});

/// The values of (cells, channels) plane by plane, (channels · cells), the layout of
/// Preprocessed::pixels.
std::vector<float> planes_of(const Tensor& cells);

/// The mean over the cells of each patch, (grid.rows·grid.columns), of one value for each cell:
/// maps pixels to the patch grid. `columns` is the number of columns of cells. Throws Error if the
/// patches do not divide the cells evenly.
std::vector<float> by_patch(std::span<const float> cells, int columns, const PatchGrid& grid);

}  // namespace whyclip
