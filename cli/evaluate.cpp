#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

#include "cli/classifier_options.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/evaluate_output.h"
#include "cli/method_choice.h"
#include "cli/metric_choice.h"

namespace whyclip::cli {
namespace {

struct EvaluateOptions {
  ModelOptions model;
  ImageOptions image;
  ClassifierOptions classifier;
  std::string dataset, methods = "all", metrics = "all", budget = "quick", format, images_folder,
                       split, out;
  std::vector<std::string> set, set_metric;
  SampleOptions samples{.mosaics = 16};
  bool target_from_folders = false, json = false;
  int rerun_images = EvaluationPlan{}.rerun_images, resamples = SummaryOptions{}.resamples;
};

/// An evaluation, ready to be run. Items refer to the others: it stays where it is.
struct Evaluation {
  Clip clip;
  Dataset dataset;
  ZeroShot zero_shot;
  EvaluationPlan plan = {};
};

Dataset open(const EvaluateOptions& options) {
  DatasetOptions how{.images = options.images_folder,
                     .split = options.split,
                     .target_from_folders = options.target_from_folders};
  if (!options.format.empty()) how.format = find_dataset_format(options.format);
  return open_dataset(options.dataset, how);
}

/// Classes that were asked for; otherwise the set's own, or the model's.
ZeroShot classifier(const EvaluateOptions& options, const Clip& clip, const Dataset& dataset) {
  const std::vector<std::string>& classes = dataset.classes();
  if (options.classifier.classes || classes.empty())
    return options.classifier.make_classifier(clip);
  if (classes.size() == 1) {
    throw Error(options.dataset,
                fmt::format("the set has one class only, \"{0}\", and CLIP recognises a class by "
                            "comparison with others; give it and others to compare it with: "
                            "--classes {0},OTHER,… or a file with one name a line",
                            classes.front()));
  }
  ZeroShot zero_shot = zero_shot_classes(
      clip, classes, find_templates(options.classifier.templates), progress_bar());
  warn_of(notes_on(clip, zero_shot), clip);
  return zero_shot;
}

/// The names with commas between them; a name that has commas or quotes itself is quoted, so that
/// different lists have different texts.
std::string listed(const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  for (const std::string& name : names) {
    const bool plain = name.find_first_of(",\"") == name.npos;
    texts.push_back(plain ? name : Json(name).dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<PlannedMethod> planned_methods(const EvaluateOptions& options) {
  const NamedOptionTexts set = method_options(options.set);
  std::vector<PlannedMethod> planned;
  for (const Method* method : choose_methods(options.methods, false)) {
    PlannedMethod one{.method = method};
    if (options.budget == "quick") one.options = quick_budget(method->info.options);
    if (const auto own = set.find(method->info.name); own != set.end()) {
      for (const auto& option : own->second) one.options[option.first] = option.second;
    }
    planned.push_back(std::move(one));
  }
  for (const Method& baseline : baselines()) planned.push_back({.method = &baseline});
  return planned;
}

/// How many entries of the set, other than whole images, have remarks.
std::int64_t annotation_remarks(const Dataset& dataset) {
  std::int64_t count = 0;
  for (const DatasetRemark& remark : dataset.remarks()) {
    if (!remark.images) count += remark.count;
  }
  return count;
}

std::string labels(const std::vector<PlannedMetric>& metrics) {
  std::vector<std::string> names;
  for (const PlannedMetric& metric : metrics) names.push_back(metric.label());
  return fmt::format("{}", fmt::join(names, ", "));
}

void plan(const EvaluateOptions& options, Evaluation& e) {
  SampleOptions samples = options.samples;
  samples.view = options.image.view();
  samples.decode = options.image.decode();
  e.plan.methods = planned_methods(options);
  e.plan.metrics = choose_metrics(options.metrics, options.set_metric);
  if (options.budget == "quick") {
    for (PlannedMetric& metric : e.plan.metrics) {
      metric.budget = quick_budget(metric.metric->info.options);
    }
  }
  const bool mosaics = std::ranges::any_of(
      e.plan.metrics, [](const PlannedMetric& metric) { return metric.metric->info.mosaics; });
  const bool target = std::ranges::any_of(
      e.dataset.images(), [](const DatasetImage& image) { return !image.target_class.empty(); });
  if (!mosaics || !target) samples.mosaics = 0;
  e.plan.samples = evaluation_samples(e.clip, e.zero_shot, e.dataset, samples);
  e.plan.rerun_images = options.rerun_images;
  e.plan.run_metadata = {
      {"model", e.clip.name()},
      {"parameters", fmt::format("{}", e.clip.parameter_count())},
      {"text tower", e.clip.text_hash()},
      {"data set", e.dataset.name()},
      {"classes", listed(e.zero_shot.classes)},
      {"prompts", fmt::format("{}", e.zero_shot.prompts.size())},
      {"target", samples.contrast ? "class minus the mean of the others" : "class"},
      {"asked",
       samples.target_class.empty() ? "as the set says, otherwise the best" : samples.target_class},
      // Without them a set that was mended would go on with results of what it was.
      {"remarks on annotations", fmt::format("{}", annotation_remarks(e.dataset))},
      {"view", options.image.whole ? "whole image" : "centre crop"},
      {"metrics", labels(e.plan.metrics)},
      {"budget", options.budget},
      {"rerun images", fmt::format("{}", options.rerun_images)},
      {"seed", fmt::format("{}", samples.seed)}};
}

Leaderboard board_of(const EvaluateOptions& options, const Evaluation& e,
                     const std::vector<MethodResult>& results,
                     const std::map<std::string, std::string>& skipped) {
  SummaryOptions how{.resamples = options.resamples, .seed = options.samples.seed};
  for (const auto& image : skipped) how.skipped.insert(image.first);
  Leaderboard board = summarise(e.plan, results, how);
  const auto mosaics = std::ranges::count_if(e.plan.samples, &Sample::mosaic);
  const auto images = std::ssize(e.plan.samples) - mosaics;
  board.title = fmt::format("{} · {} · whyclip", e.dataset.name(), e.clip.name());
  board.headline = fmt::format("Which of {} methods explains {} best, on {} image{} of {}?",
                               e.plan.methods.size() - baselines().size(), e.clip.name(), images,
                               images == 1 ? "" : "s", e.dataset.name());
  board.settings = e.plan.run_metadata;
  board.settings.emplace_back("images", fmt::format("{}", images));
  board.settings.emplace_back("mosaics", fmt::format("{}", mosaics));
  board.settings.emplace_back("bootstrap resamples", fmt::format("{}", options.resamples));
  board.settings.emplace_back("whyclip", WHYCLIP_VERSION);
  return board;
}

std::filesystem::path folder_of(const EvaluateOptions& options, const Dataset& dataset) {
  return options.out.empty() ? std::filesystem::path("whyclip-evaluation") / slug(dataset.name())
                             : std::filesystem::path(options.out);
}

/// Runs what is missing.
EvaluationRun run(const EvaluateOptions& options, const Evaluation& e, ResultStore& store) {
  EvaluationOptions how{.threads = options.model.threads, .seed = options.samples.seed};
  how.model_factory = [&](WeightTransform transform) {
    return options.model.open_on_one_thread(std::move(transform));
  };
  EvaluationRun done = run_evaluation(e.clip, e.zero_shot, e.plan, store, how, progress_bar());
  if (done.interrupted) clear_progress_line();
  return done;
}

/// Says what the set has that cannot be used. Returns whether whole images are left out.
bool complain_of(const std::vector<DatasetRemark>& remarks) {
  for (const DatasetRemark& remark : remarks) warn(text_of(remark));
  return std::ranges::any_of(remarks, &DatasetRemark::images);
}

int evaluate(const EvaluateOptions& options) {
  Evaluation e{options.model.open_on_one_thread(), open(options), {}};
  announce(e.clip, options.model);
  const bool incomplete = complain_of(e.dataset.remarks());
  e.zero_shot =
      classifier(options, options.model.open(), e.dataset);  // on all threads, with the cache
  plan(options, e);
  const std::filesystem::path folder = folder_of(options, e.dataset);
  ResultStore store(folder, e.plan.run_metadata);
  const EvaluationRun done = run(options, e, store);
  const DatasetOmissions skipped{e.dataset.remarks(), done.skipped};
  for (const auto& image : skipped.images) {
    warn(fmt::format("{}: {}", image.first, image.second));
  }
  if (store.results().empty() && done.interrupted) throw Cancelled("evaluate");
  Leaderboard board = board_of(options, e, store.results(), skipped.images);
  if (const std::string text = caution(e.clip); !text.empty()) board.notes.push_back(text);
  for (std::string& note : skipped_notes(skipped)) board.notes.push_back(std::move(note));
  if (store.results().empty()) throw Error(e.dataset.name(), "no image could be used");
  const std::vector<FileToWrite> files = leaderboard_files(board, skipped, folder);
  write_together(files);
  if (options.json) {
    const Json json = leaderboard_json(board, skipped);
    fmt::print("{}\n", json.dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}\n{}", leaderboard_text(board), written_text(files));
  }
  if (done.interrupted) {
    warn("interrupted; what is done is kept, the same command goes on");
    return kInterrupted;
  }
  return skipped.images.empty() && !incomplete ? 0 : 1;
}

void add_data_options(Command& command, EvaluateOptions& options) {
  command
      .add_option("dataset", options.dataset,
                  "Folder of images, with masks or without, dataset.json, COCO .json or YOLO "
                  "data.yaml: docs/datasets.md")
      ->type_name("DATASET")
      ->required();
  command
      .add_option("--format", options.format,
                  "whyclip, labels, coco, yolo or images [default: recognised]")
      ->type_name("NAME");
  command.add_option("--images-folder", options.images_folder, "COCO: where the images are")
      ->type_name("FOLDER");
  command.add_option("--split", options.split, "Only images below a folder of this name")
      ->type_name("NAME");
  command
      .add_option("--images", options.samples.images,
                  "Use so many images, evenly spaced over the set [default: all]")
      ->type_name("COUNT")
      ->check(whole_between(1, std::numeric_limits<int>::max()));
  command
      .add_option("--ask", options.samples.target_class,
                  "The class that is explained where the set does not say one [default: the best]")
      ->type_name("NAME");
  command.add_flag("--ask-from-folders", options.target_from_folders,
                   "The folder that an image is in names the class to explain");
  command.add_flag("--contrast", options.samples.contrast,
                   "Explain by how much the class is ahead of the mean of the others");
}

void add_work_options(Command& command, EvaluateOptions& options) {
  command
      .add_option("--methods", options.methods,
                  "Names and families that \"whyclip methods\" lists, or all; random baselines are "
                  "always there. family:gradient is the family, gradient the method of that name")
      ->type_name("LIST")
      ->capture_default_str();
  command.add_option("--set", options.set, "An option of a method; may be repeated")
      ->type_name("METHOD.OPTION=VALUE");
  command
      .add_option(
          "--budget", options.budget,
          "What perturbation and sampling methods and the metrics of curves may spend: quick, or "
          "full (their defaults)")
      ->check(one_of({"quick", "full"}))
      ->type_name("NAME")
      ->capture_default_str();
  command
      .add_option("--metrics", options.metrics,
                  "Names and categories that \"whyclip metrics\" lists, or all")
      ->type_name("LIST")
      ->capture_default_str();
  command.add_option("--set-metric", options.set_metric, "An option of a metric; may be repeated")
      ->type_name("METRIC.OPTION=VALUE");
  command
      .add_option("--rerun-images", options.rerun_images,
                  "Metrics that run a method again and again (robustness, randomisation) take so "
                  "many images only")
      ->type_name("COUNT")
      ->check(whole_between(1, std::numeric_limits<int>::max()))
      ->capture_default_str();
  command
      .add_option("--mosaics", options.samples.mosaics,
                  "Mosaics of four images for the grid pointing game")
      ->type_name("COUNT")
      ->check(whole_between(0, 1000000))
      ->capture_default_str();
  command.add_option("--resamples", options.resamples, "Of the bootstrap intervals")
      ->type_name("COUNT")
      ->check(whole_between(1, 1000000))
      ->capture_default_str();
  command.add_option("--seed", options.samples.seed, "Of all that is drawn")
      ->type_name("NUMBER")
      ->capture_default_str();
}

}  // namespace

void add_evaluate(Command& program, int& status) {
  Command command = program.add_subcommand(
      "evaluate", "Measure methods by metrics on a set of images: a leaderboard with intervals");
  auto options = std::make_shared<EvaluateOptions>();
  add_data_options(*command, *options);
  add_work_options(*command, *options);
  options->classifier.add_classes_to(*command);
  command
      ->add_option("-o,--out", options->out,
                   "Folder for results (an interrupted run goes on there) and leaderboard "
                   "[default: whyclip-evaluation/NAME]")
      ->type_name("FOLDER");
  command->add_flag("--json", options->json, "Print JSON instead of the table");
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip evaluate datasets/toons --images 20 --methods family:gradient,attention\n"
      "  whyclip evaluate datasets/toons\n"
      "  whyclip evaluate -m ~/clip -c cat,dog,horse instances_val2017.json \\\n"
      "      --images-folder val2017 --images 500 --metrics localisation,srg\n"
      "  whyclip evaluate -m ~/clip -c cat,dog photos --methods contributions,gae,rise");
  command->callback([options, &status] { status = evaluate(*options); });
}

}  // namespace whyclip::cli
