#pragma once

#include <set>
#include <span>
#include <string>

#include "whyclip/evaluation/evaluation_plan.h"
#include "whyclip/evaluation/leaderboard.h"
#include "whyclip/evaluation/result_store.h"

namespace whyclip {

struct SummaryOptions {
  int resamples = 1000;  ///< bootstrap resamples over images
  std::uint64_t seed = 0;
  std::set<std::string> skipped = {};  ///< samples that could not be used; not counted as missing
};

/// Summarises results as a table: for every method and metric the value over all images with its
/// bootstrap interval (with the same draws of images for every method); the mean curves; and the
/// agreement of metrics (rank correlation over the methods without baselines, with signs such that
/// higher is better). Results of methods or samples outside of the plan are ignored. `notes` list
/// missing and failed results. The caller sets the title, the target and the settings.
Leaderboard summarise(const EvaluationPlan& plan, std::span<const MethodResult> results,
                      const SummaryOptions& options = {});

}  // namespace whyclip
