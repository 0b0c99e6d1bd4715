#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/dataset/dataset.h"
#include "whyclip/evaluation/budget.h"
#include "whyclip/evaluation/leaderboard.h"
#include "whyclip/image/decode.h"
#include "whyclip/methods/method_choice.h"
#include "whyclip/metrics/randomised_towers.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"

namespace whyclip {

struct EvaluateOptions {
  ClassifierOptions classifier = {};  ///< no classes: the data set's own, else the embedded model's
  /// Names and families that choose_methods reads. Random baselines are always measured too.
  std::vector<std::string> methods = {"all"};
  OptionTexts method_options = {};
  std::vector<std::string> metrics = {"all"};  ///< names and categories that choose_metrics reads
  OptionTexts metric_options = {};
  Budget budget = Budget::kQuick;
  int images = 0;        ///< at most, evenly spaced over the data set; 0: all
  int mosaics = 16;      ///< of four images, for metrics that need them
  int rerun_images = 3;  ///< for metrics that run a method again (robustness, randomisation)
  std::string target_class = {};  ///< of images without one; empty: the class with the best score
  bool contrast = false;          ///< target: the class minus the mean of the other classes
  View view = View::kCentreCrop;
  DecodeOptions decode = {};
  int resamples = 1000;    ///< of the bootstrap intervals
  std::uint64_t seed = 0;  ///< of mosaics, randomised weights and bootstrap intervals
  int threads = 0;         ///< number of images in parallel; 0: all processors of this process
  /// Folder that keeps results as they are measured (results.jsonl), so that a later call with the
  /// same options goes on there; empty: none are kept.
  std::filesystem::path folder = {};
  /// Opens the model on one thread, with randomised weights if it gets a transform. It is called
  /// once for the model that all images are measured with. If empty, `clip` measures them, and
  /// metrics of randomised weights have no value.
  ModelFactory model_factory = {};
  Progress progress = {};
};

/// How well methods explain a model, by metrics, over the images of a data set.
struct Evaluation {
  ModelInfo model = {};
  std::string dataset = {};     ///< its name
  int images = 0, mosaics = 0;  ///< that were to be measured
  /// Headline, a row for each method, a column for each metric, curves, settings and notes.
  Leaderboard table = {};
  std::vector<DatasetRemark> remarks = {};          ///< on entries of the data set that are unused
  std::map<std::string, std::string> skipped = {};  ///< images that could not be used, and why
  bool interrupted =
      false;  ///< `progress` stopped it: the table is of what was measured until then

  /// Whether every image of the data set could be used.
  bool complete() const;
};

/// Measures every method by every metric on every image. Results that options.folder has already
/// are not measured again; results do not depend on the number of threads. Throws Error for options
/// that do not fit and for a folder with results of another evaluation or in use by another
/// process, as make_classifier does, and if no image can be used; Cancelled if nothing was measured
/// before `progress` stopped it.
Evaluation evaluate(const Clip& clip, const Dataset& dataset, const EvaluateOptions& options = {});

/// JSON with "format": "whyclip evaluation 1" (docs/schema/evaluation.json). `indent`: spaces a
/// level, −1 for one line.
std::string to_json(const Evaluation& evaluation, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
Evaluation evaluation_from_json(std::string_view text, const std::string& where = "evaluation");

}  // namespace whyclip
