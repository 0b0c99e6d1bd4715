#pragma once

#include <set>
#include <span>
#include <string>

#include "whyclip/evaluation/evaluation_plan.h"
#include "whyclip/evaluation/result_store.h"
#include "whyclip/render/leaderboard.h"

namespace whyclip {

struct SummaryOptions {
  int resamples = 1000;  ///< of the bootstrap over images
  std::uint64_t seed = 0;
  std::set<std::string> skipped = {};  ///< items that could not be used: not unfinished
};

/// The table of what was found: for every method and metric the value over all images that have
/// one with its bootstrap interval, the same draws of images for every method; the mean curves;
/// and how far metrics agree (rank correlation over the methods, baselines left out, of values
/// turned so that higher is better). Results of other methods or items than the plan's do not
/// count. `notes` say what is not finished. Title, question and settings are left to the caller.
Leaderboard summarise(const EvaluationPlan& plan, std::span<const MethodResult> results,
                      const SummaryOptions& options = {});

}  // namespace whyclip
