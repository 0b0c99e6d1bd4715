#pragma once

#include <map>
#include <string>

#include "whyclip/evaluation/evaluation_plan.h"
#include "whyclip/evaluation/result_store.h"

namespace whyclip {

struct EvaluationOptions {
  int threads = 0;         ///< number of samples in parallel; 0: all processors of this process
  std::uint64_t seed = 0;  ///< for the randomised models
  /// Creates models with randomised weights; if empty, randomisation is not measured.
  ModelFactory model_factory = {};
};

/// The outcome of a run.
struct EvaluationRun {
  /// Name of each skipped sample and the reason.
  std::map<std::string, std::string> skipped = {};
  bool interrupted = false;  ///< the progress callback stopped the run; results so far are stored
};

/// Evaluates every method on every sample with every metric. Results that the store has already are
/// not computed again; each new result is stored as soon as it is complete. Samples run in
/// parallel, so `clip` should use one thread. If a method fails on a sample, the error is stored; a
/// sample that cannot be loaded is skipped. The results do not depend on the number of threads.
/// Progress counts pairs of method and sample. Throws Error as ResultStore::add.
EvaluationRun run_evaluation(const Clip& clip, const ZeroShot& zero_shot,
                             const EvaluationPlan& plan, ResultStore& store,
                             const EvaluationOptions& options, const Progress& progress = {});

}  // namespace whyclip
