#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// An image traced as published and mended, and what that makes of a target.
struct TracingStory {
  std::string model, path, name;  ///< name: of the files; empty: after the image
  Image source;
  Target target;
  double logit = 0;  ///< of the target, as the model has it
  TracingComparison comparison;
  /// Other settings of the rules, each in float64; empty unless asked for.
  std::vector<std::pair<TracingAblation, TracingFigures>> ablations;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> notes;

  std::string stem() const;
};

/// One of the three tracings, with what it makes of the target; maps are there if it reached the
/// embedding.
struct TracedWay {
  const TracedEmbedding* traced;
  std::optional<TracedCloseness> TracingLayer::*at_layer;
  std::optional<TracedMap> map;  ///< in units of the target
  double value = 0;              ///< of the target, were the sum of the contributions the embedding
};

/// Published in float32 and float64, and mended; only the last if no other was asked for.
std::vector<TracedWay> ways_of(const TracingStory& story);

/// "first departure at vision.blocks.0.scores (attention_scores): …", or that there is none.
std::string departure_text(const TracingStory& story);
/// How far the published sums of float32 and float64 are from each other at the embedding; empty if
/// one of them did not come there.
std::string float_text(const TracingStory& story);

std::string tracing_text(const TracingStory& story);
Json tracing_json(const TracingStory& story);
std::string tracing_page(const TracingStory& story);

/// STEM.tracing.published.png, STEM.tracing.mended.png (one scale), .npz (vectors), .json and
/// .html.
std::vector<FileToWrite> tracing_files(const TracingStory& story, const std::string& folder);

}  // namespace whyclip::cli
