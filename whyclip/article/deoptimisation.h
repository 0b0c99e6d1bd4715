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

/// What deoptimisation changes.
enum class Variable {
  kPatches,  ///< patch embeddings, before class token and positions: (rows·columns, width)
  kPixels,   ///< normalised pixels: (height·width, 3)
};

/// A step of one run, before it is taken; spans are valid during the call only.
struct DeoptimisationStep {
  int run;
  int step;                      ///< from 0; after the last step once more, with an empty gradient
  double loss;                   ///< without the penalties
  std::span<const float> state;  ///< as the tower reads it: pixels planar
  std::span<const float> gradient;  ///< of the loss, without the penalties
};

struct DeoptimisationOptions {
  Variable variable = Variable::kPatches;
  Optimiser optimiser = Optimiser::kSgd;
  int steps = 4;
  double rate = 0.01;                   ///< of learning
  std::optional<double> momentum = {};  ///< μ, or Adam's β₁; none: 0, Adam 0.9
  bool ascend = false;                  ///< make the loss larger instead
  double l2 = 0;         ///< weight of Σ(x − start)², which pulls back to the image
  double variation = 0;  ///< weight of the total variation of x − start
  double low_pass = 0;   ///< deviation in cells of a Gaussian that gradients pass through; 0: none
  int restarts = 1;      ///< the first starts at the image
  double noise = 0.1;    ///< how far the others start from it, in root mean squares of its values
  int controls = 1;      ///< runs from the image towards a random vector as long as the loss's
  std::uint64_t seed = 0;
  int snapshots = 0;  ///< how many of the first run to keep at most, evenly over the steps
  std::function<void(const DeoptimisationStep&)> observe = {};
  Progress progress = {};  ///< a unit is a step of a batch of runs
};

/// What had changed at one step of a run.
struct DeoptimisationSnapshot {
  int step;
  Tensor change;  ///< (cells, channels)
};

/// One descent.
struct DeoptimisationRun {
  bool control = false;           ///< towards a random vector
  std::vector<float> vector;      ///< that of its loss, (projection)
  std::vector<double> losses;     ///< before each step and after the last, without the penalties
  std::vector<double> distances;  ///< ‖x − start‖ / ‖start‖ at the same places
  std::optional<int> diverged;    ///< the step after which something was not finite; `state` is the
                                  ///< last one that was
  Tensor state;                   ///< (cells, channels)
  Tensor change;                  ///< state − the run's own start
  std::vector<DeoptimisationSnapshot> snapshots;  ///< of the first run, if requested
};

struct Deoptimisation {
  Variable variable = Variable::kPatches;
  int rows = 0, columns = 0;            ///< of the grid of cells
  std::vector<DeoptimisationRun> runs;  ///< restarts first, then controls
  Optimiser optimiser = Optimiser::kSgd;
};

/// Changes the patch embeddings or the pixels of an image step by step so that the loss of its
/// image embedding falls: what changes is what the model would have to lose. The method of the blog
/// article "What parts of an image contribute to the CLIP classification?" (19 November 2022, with
/// plain descent), with restarts and random controls as runs of one batch. A run's bits do not
/// depend on the others, nor on the number of threads; memory does not grow with the steps.
///
/// Throws Error for options out of range, a loss of another width, or an embedding that is not
/// finite before the first step; Cancelled. A run that diverges ends alone.
Deoptimisation deoptimise(const Clip& clip, const RecordedImage& recorded,
                          const DeoptimisationLoss& loss,
                          const DeoptimisationOptions& options = {});

/// The values of (cells, channels) plane by plane, (channels · cells), as Preprocessed has pixels.
std::vector<float> planes_of(const Tensor& cells);

/// The mean over the cells of each patch, (grid.rows·grid.columns), of one value for each cell: a
/// map of pixels on the patch grid. `columns` is that of the cells. Throws Error if the patches do
/// not divide the cells evenly.
std::vector<float> by_patch(std::span<const float> cells, int columns, const PatchGrid& grid);

}  // namespace whyclip
