#include "whyclip/evaluate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "whyclip/core/error.h"
#include "whyclip/evaluation/leaderboard_ranking.h"
#include "whyclip/evaluation/run_evaluation.h"
#include "whyclip/evaluation/samples.h"
#include "whyclip/evaluation/summary.h"
#include "whyclip/metrics/metric_choice.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace {

/// The classes of the options; otherwise the data set's own, or the model's.
ZeroShot classifier_of(const Clip& clip, const Dataset& dataset, const EvaluateOptions& options) {
  ClassifierOptions classifier = options.classifier;
  if (classifier.classes.empty() && classifier.prompts.empty()) {
    classifier.classes = dataset.classes();
    if (classifier.classes.size() == 1) {
      throw Error(dataset.name(),
                  fmt::format("the set has one class only, \"{0}\", and CLIP recognises a class by "
                              "comparison with others; give it and others to compare it with: "
                              "--classes {0},OTHER,… or a file with one name a line",
                              classifier.classes.front()));
    }
  }
  return make_classifier(clip, classifier, options.progress);
}

/// A name in quotes if it has commas or quotes itself, so that different lists have different
/// texts.
std::string listed(const std::string& name) {
  if (name.find_first_of(",\"") == name.npos) return name;
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string listed(const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  for (const std::string& name : names) texts.push_back(listed(name));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<PlannedMethod> planned_methods(const EvaluateOptions& options) {
  check_method_options(options.method_options);
  std::vector<PlannedMethod> planned;
  for (const Method* method : choose_methods(options.methods)) {
    PlannedMethod one{.method = method};
    if (options.budget == Budget::kQuick) one.options = quick_budget(method->info.options);
    if (const auto own = options.method_options.find(method->info.name);
        own != options.method_options.end()) {
      for (const auto& option : own->second) one.options[option.first] = option.second;
    }
    planned.push_back(std::move(one));
  }
  for (const Method& baseline : baselines()) planned.push_back({.method = &baseline});
  return planned;
}

std::vector<PlannedMetric> planned_metrics(const EvaluateOptions& options) {
  OptionTexts unused = options.metric_options;
  std::vector<PlannedMetric> planned;
  for (const Metric* metric : choose_metrics(options.metrics)) {
    PlannedMetric one{.metric = metric};
    if (const auto own = unused.find(metric->info.name); own != unused.end()) {
      one.options = own->second;
      unused.erase(own);
    }
    if (options.budget == Budget::kQuick) one.budget = quick_budget(metric->info.options);
    one.settings();  // throws Error for unknown options and values
    planned.push_back(std::move(one));
  }
  if (unused.empty()) return planned;
  const std::string& name = unused.begin()->first;
  find_metric(name);
  throw Error("options of metrics",
              fmt::format("{} is not among the metrics that are measured", name));
}

SampleOptions sample_options(const Dataset& dataset, const EvaluateOptions& options,
                             const std::vector<PlannedMetric>& metrics) {
  const bool used = std::ranges::any_of(
      metrics, [](const PlannedMetric& metric) { return metric.metric->info.mosaics; });
  const bool possible = std::ranges::any_of(
      dataset.images(), [](const DatasetImage& image) { return !image.target_class.empty(); });
  return {.images = options.images,
          .mosaics = used && possible ? options.mosaics : 0,
          .target_class = options.target_class,
          .contrast = options.contrast,
          .seed = options.seed,
          .view = options.view,
          .decode = options.decode};
}

/// How many entries of the set, other than whole images, have remarks.
std::int64_t annotation_remarks(const Dataset& dataset) {
  std::int64_t count = 0;
  for (const DatasetRemark& remark : dataset.remarks()) {
    if (!remark.images) count += remark.count;
  }
  return count;
}

Settings run_metadata(const Clip& clip, const Dataset& dataset, const ZeroShot& zero_shot,
                      const EvaluateOptions& options, const std::vector<PlannedMetric>& metrics) {
  std::vector<std::string> labels;
  for (const PlannedMetric& metric : metrics) labels.push_back(metric.label());
  return {{"model", clip.name()},
          {"parameters", fmt::format("{}", clip.parameter_count())},
          {"text tower", clip.text_hash()},
          {"data set", dataset.name()},
          {"classes", listed(zero_shot.classes)},
          {"prompts", fmt::format("{}", zero_shot.prompts.size())},
          {"target", options.contrast ? "class minus the mean of the others" : "class"},
          {"target class", options.target_class.empty() ? "as the set says, otherwise the best"
                                                        : options.target_class},
          // Otherwise a set that was corrected would go on with results of what it was.
          {"remarks on annotations", fmt::format("{}", annotation_remarks(dataset))},
          {"view", options.view == View::kWholeImage ? "whole image" : "centre crop"},
          {"metrics", fmt::format("{}", fmt::join(labels, ", "))},
          {"budget", std::string(name_of(options.budget))},
          {"rerun images", fmt::format("{}", options.rerun_images)},
          {"seed", fmt::format("{}", options.seed)}};
}

/// Notes on the kinds of remarks, then on the first few skipped images.
std::vector<std::string> skipped_notes(const Evaluation& e) {
  constexpr std::size_t kMostImages = 5;
  std::vector<std::string> notes;
  for (const DatasetRemark& remark : e.remarks) notes.push_back(text_of(remark));
  std::size_t images = 0;
  for (const auto& [image, reason] : e.skipped) {
    if (images++ == kMostImages) {
      notes.push_back(fmt::format("Skipped: {} more images; the JSON lists all.",
                                  e.skipped.size() - kMostImages));
      break;
    }
    notes.push_back(fmt::format("Skipped: {}: {}", image, reason));
  }
  return notes;
}

Leaderboard table_of(const Evaluation& e, const EvaluationPlan& plan, const ResultStore& store,
                     const EvaluateOptions& options) {
  SummaryOptions how{.resamples = options.resamples, .seed = options.seed};
  for (const auto& image : e.skipped) how.skipped.insert(image.first);
  Leaderboard table = summarise(plan, store.results(), how);
  set_ranks(table);
  table.title = fmt::format("{} · {} · whyclip", e.dataset, e.model.name);
  table.headline = fmt::format("Which of {} methods explains {} best, on {} image{} of {}?",
                               plan.methods.size() - baselines().size(), e.model.name, e.images,
                               e.images == 1 ? "" : "s", e.dataset);
  table.settings = plan.run_metadata;
  table.settings.emplace_back("images", fmt::format("{}", e.images));
  table.settings.emplace_back("mosaics", fmt::format("{}", e.mosaics));
  table.settings.emplace_back("bootstrap resamples", fmt::format("{}", options.resamples));
  table.settings.emplace_back("whyclip", version());
  return table;
}

}  // namespace

bool Evaluation::complete() const {
  return skipped.empty() && std::ranges::none_of(remarks, &DatasetRemark::images);
}

Evaluation evaluate(const Clip& clip, const Dataset& dataset, const EvaluateOptions& options) {
  EvaluationPlan plan{.methods = planned_methods(options),
                      .metrics = planned_metrics(options),
                      .rerun_images = options.rerun_images};
  const ZeroShot zero_shot = classifier_of(clip, dataset, options);
  std::optional<Clip> opened;
  if (options.model_factory) opened.emplace(options.model_factory({}));
  const Clip& model = opened ? *opened : clip;
  plan.samples =
      evaluation_samples(model, zero_shot, dataset, sample_options(dataset, options, plan.metrics));
  plan.run_metadata = run_metadata(clip, dataset, zero_shot, options, plan.metrics);

  ResultStore store =
      options.folder.empty() ? ResultStore() : ResultStore(options.folder, plan.run_metadata);
  EvaluationRun run = run_evaluation(
      model, zero_shot, plan, store,
      {.threads = options.threads, .seed = options.seed, .model_factory = options.model_factory},
      options.progress);
  if (store.results().empty() && run.interrupted) throw Cancelled("evaluate");
  if (store.results().empty()) {
    throw Error(dataset.name(),
                fmt::format("no image could be used; {}: {}", run.skipped.begin()->first,
                            run.skipped.begin()->second));
  }
  Evaluation e;
  e.model = model_info(clip);
  e.dataset = dataset.name();
  e.mosaics = int(std::ranges::count_if(plan.samples, &Sample::mosaic));
  e.images = int(plan.samples.size()) - e.mosaics;
  e.remarks = dataset.remarks();
  e.skipped = std::move(run.skipped);
  e.interrupted = run.interrupted;
  e.table = table_of(e, plan, store, options);
  for (const std::vector<std::string>& notes : {notes_on(clip, zero_shot), skipped_notes(e)}) {
    e.table.notes.insert(e.table.notes.end(), notes.begin(), notes.end());
  }
  return e;
}

}  // namespace whyclip
