#pragma once

#include <map>
#include <string>

#include "whyclip/evaluation/evaluation_plan.h"
#include "whyclip/evaluation/result_store.h"

namespace whyclip {

struct EvaluationOptions {
  int threads = 0;         ///< images at once, a thread each; 0: all processors of this process
  std::uint64_t seed = 0;  ///< of the randomised models
  /// Opens the model again, altered; without it randomisation is not measured.
  ModelFactory model_factory = {};
};

/// What came of a run.
struct EvaluationRun {
  /// Why images could not be used, by name.
  std::map<std::string, std::string> skipped = {};
  bool interrupted = false;  ///< the progress callback asked to stop; what is done is stored
};

/// Every method on every item, judged by every metric; what the store has already is not computed
/// again, and each result is in it as soon as it is there. `clip` should have one thread: images
/// are spread over threads, not the work on one. A method that fails on an image is recorded with
/// its error; an image that cannot be loaded is left out. The results do not depend on the number
/// of threads. Progress counts methods on images. Throws Error as ResultStore::add.
EvaluationRun run_evaluation(const Clip& clip, const ZeroShot& zero_shot,
                             const EvaluationPlan& plan, ResultStore& store,
                             const EvaluationOptions& options, const Progress& progress = {});

}  // namespace whyclip
