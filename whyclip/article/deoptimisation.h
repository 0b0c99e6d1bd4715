#pragma once

#include <optional>
#include <vector>

#include "whyclip/article/deoptimisation_loss.h"
#include "whyclip/article/deoptimisation_options.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/clip.h"

namespace whyclip {

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

/// The results of all runs.
struct DeoptimisationRuns {
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
DeoptimisationRuns deoptimise(const Clip& clip, const RecordedImage& recorded,
                              const DeoptimisationLoss& loss,
                              const DeoptimisationOptions& options = {});

/// The values of (cells, channels) plane by plane, (channels · cells), the layout of
/// Preprocessed::pixels.
std::vector<float> planes_of(const Tensor& cells);

}  // namespace whyclip
