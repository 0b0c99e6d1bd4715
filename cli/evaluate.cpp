#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

#include "cli/commands.h"
#include "cli/evaluate_output.h"
#include "cli/help.h"
#include "cli/method_choice.h"
#include "cli/metric_choice.h"
#include "cli/questions.h"

namespace whyclip::cli {
namespace {

struct EvaluateOptions {
  ModelOptions model;
  PictureOptions picture;
  QuestionOptions question;
  std::string dataset, methods = "all", metrics = "all", budget = "quick", format, pictures_folder,
                       split, out;
  std::vector<std::string> set, set_metric;
  EvaluationItemOptions items{.mosaics = 16};
  bool ask_from_folders = false, json = false;
  int rerun_pictures = EvaluationPlan{}.rerun_pictures, resamples = SummaryOptions{}.resamples;
};

/// An evaluation, ready to be run. Items refer to the others: it stays where it is.
struct Evaluation {
  Clip clip;
  Dataset dataset;
  ZeroShot zero_shot;
  EvaluationPlan plan = {};
};

Dataset open(const EvaluateOptions& options) {
  DatasetOptions how{.pictures = options.pictures_folder,
                     .split = options.split,
                     .ask_from_folders = options.ask_from_folders};
  if (!options.format.empty()) how.format = find_dataset_format(options.format);
  return open_dataset(options.dataset, how);
}

/// Classes that were asked for; otherwise the set's own, or the model's.
ZeroShot ask(const EvaluateOptions& options, const Clip& clip, const Dataset& dataset) {
  const std::vector<std::string>& classes = dataset.classes();
  if (options.question.classes || classes.empty()) return options.question.ask(clip);
  if (classes.size() == 1) {
    throw Error(options.dataset,
                fmt::format("the set has one class only, \"{0}\", and CLIP recognises a class by "
                            "comparison with others; give it and others to compare it with: "
                            "--classes {0},OTHER,… or a file with one name a line",
                            classes.front()));
  }
  ZeroShot zero_shot =
      zero_shot_classes(clip, classes, find_templates(options.question.templates), progress_bar());
  warn_truncated(clip, zero_shot.truncated);
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
    if (options.budget == "quick") one.options = quick_budget(method->info.name);
    if (const auto own = set.find(method->info.name); own != set.end()) {
      for (const auto& option : own->second) one.options[option.first] = option.second;
    }
    planned.push_back(std::move(one));
  }
  for (const Method& baseline : baselines()) planned.push_back({.method = &baseline});
  return planned;
}

/// How many entries of the set, other than whole pictures, have remarks.
std::int64_t annotation_remarks(const Dataset& dataset) {
  std::int64_t count = 0;
  for (const DatasetRemark& remark : dataset.remarks()) {
    if (!remark.pictures) count += remark.count;
  }
  return count;
}

std::string labels(const std::vector<PlannedMetric>& metrics) {
  std::vector<std::string> names;
  for (const PlannedMetric& metric : metrics) names.push_back(metric.label());
  return fmt::format("{}", fmt::join(names, ", "));
}

void plan(const EvaluateOptions& options, Evaluation& e) {
  EvaluationItemOptions items = options.items;
  items.view = options.picture.view();
  items.decode = options.picture.decode();
  e.plan.methods = planned_methods(options);
  e.plan.metrics = choose_metrics(options.metrics, options.set_metric);
  if (options.budget == "quick") {
    for (PlannedMetric& metric : e.plan.metrics) {
      metric.budget = quick_budget(metric.metric->info.name);
    }
  }
  const bool mosaics = std::ranges::any_of(
      e.plan.metrics, [](const PlannedMetric& metric) { return metric.metric->info.mosaics; });
  const bool asked = std::ranges::any_of(
      e.dataset.pictures(), [](const DatasetPicture& picture) { return !picture.ask.empty(); });
  if (!mosaics || !asked) items.mosaics = 0;
  e.plan.items = evaluation_items(e.clip, e.zero_shot, e.dataset, items);
  e.plan.rerun_pictures = options.rerun_pictures;
  e.plan.facts = {{"model", e.clip.name()},
                  {"parameters", fmt::format("{}", e.clip.parameter_count())},
                  {"text tower", e.clip.text_hash()},
                  {"data set", e.dataset.name()},
                  {"classes", listed(e.zero_shot.classes)},
                  {"prompts", fmt::format("{}", e.zero_shot.prompts.size())},
                  {"target", items.contrast ? "class minus the mean of the others" : "class"},
                  {"asked", items.ask.empty() ? "as the set says, otherwise the best" : items.ask},
                  // Without them a set that was mended would go on with results of what it was.
                  {"remarks on annotations", fmt::format("{}", annotation_remarks(e.dataset))},
                  {"view", options.picture.whole ? "whole picture" : "centre crop"},
                  {"metrics", labels(e.plan.metrics)},
                  {"budget", options.budget},
                  {"rerun pictures", fmt::format("{}", options.rerun_pictures)},
                  {"seed", fmt::format("{}", items.seed)}};
}

Leaderboard board_of(const EvaluateOptions& options, const Evaluation& e,
                     const std::vector<MethodResult>& results,
                     const std::map<std::string, std::string>& left_out) {
  SummaryOptions how{.resamples = options.resamples, .seed = options.items.seed};
  for (const auto& picture : left_out) how.left_out.insert(picture.first);
  Leaderboard board = summarise(e.plan, results, how);
  const auto mosaics = std::ranges::count_if(e.plan.items, &EvaluationItem::mosaic);
  const auto pictures = std::ssize(e.plan.items) - mosaics;
  board.title = fmt::format("{} · {} · whyclip", e.dataset.name(), e.clip.name());
  board.question = fmt::format("Which of {} methods explains {} best, on {} picture{} of {}?",
                               e.plan.methods.size() - baselines().size(), e.clip.name(), pictures,
                               pictures == 1 ? "" : "s", e.dataset.name());
  board.settings = e.plan.facts;
  board.settings.emplace_back("pictures", fmt::format("{}", pictures));
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
  EvaluationOptions how{.threads = options.model.threads, .seed = options.items.seed};
  how.reopen = [&](AlterWeights alter) {
    return options.model.open_on_one_thread(std::move(alter));
  };
  EvaluationRun done = run_evaluation(e.clip, e.zero_shot, e.plan, store, how, progress_bar());
  if (done.interrupted) clear_progress_line();
  return done;
}

/// Says what the set has that cannot be used. Returns whether whole pictures are left out.
bool complain_of(const std::vector<DatasetRemark>& remarks) {
  for (const DatasetRemark& remark : remarks) complain(text_of(remark));
  return std::ranges::any_of(remarks, &DatasetRemark::pictures);
}

int evaluate(const EvaluateOptions& options) {
  Evaluation e{options.model.open_on_one_thread(), open(options), {}};
  announce(e.clip, options.model);
  const bool incomplete = complain_of(e.dataset.remarks());
  e.zero_shot = ask(options, options.model.open(), e.dataset);  // on all threads, with the cache
  plan(options, e);
  const std::filesystem::path folder = folder_of(options, e.dataset);
  ResultStore store(folder, e.plan.facts);
  const EvaluationRun done = run(options, e, store);
  const DatasetOmissions left_out{e.dataset.remarks(), done.left_out};
  for (const auto& picture : left_out.pictures) {
    complain(fmt::format("{}: {}", picture.first, picture.second));
  }
  if (store.results().empty() && done.interrupted) throw Cancelled("evaluate");
  Leaderboard board = board_of(options, e, store.results(), left_out.pictures);
  if (const std::string text = caution(e.clip); !text.empty()) board.notes.push_back(text);
  for (std::string& note : left_out_notes(left_out)) board.notes.push_back(std::move(note));
  if (store.results().empty()) throw Error(e.dataset.name(), "no picture could be used");
  const std::vector<FileToWrite> files = leaderboard_files(board, left_out, folder);
  write_together(files);
  if (options.json) {
    const Json json = leaderboard_json(board, left_out);
    fmt::print("{}\n", json.dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}\n{}", leaderboard_text(board), written_text(files));
  }
  if (done.interrupted) {
    complain("interrupted; what is done is kept, the same command goes on");
    return kInterrupted;
  }
  return left_out.pictures.empty() && !incomplete ? 0 : 1;
}

void add_data_options(CLI::App& command, EvaluateOptions& options) {
  command
      .add_option("dataset", options.dataset,
                  "Folder of pictures, with masks or without, dataset.json, COCO .json or YOLO "
                  "data.yaml: docs/datasets.md")
      ->type_name("DATASET")
      ->required();
  command
      .add_option("--format", options.format,
                  "whyclip, labels, coco, yolo or pictures [default: recognised]")
      ->type_name("NAME");
  command.add_option("--pictures-folder", options.pictures_folder, "COCO: where the pictures are")
      ->type_name("FOLDER");
  command.add_option("--split", options.split, "Only pictures below a folder of this name")
      ->type_name("NAME");
  command
      .add_option("--pictures", options.items.pictures,
                  "Use so many pictures, evenly spaced over the set [default: all]")
      ->type_name("COUNT")
      ->check(CLI::Range(1, std::numeric_limits<int>::max()).description(""));
  command
      .add_option("--ask", options.items.ask,
                  "The class that is explained where the set does not say one [default: the best]")
      ->type_name("NAME");
  command.add_flag("--ask-from-folders", options.ask_from_folders,
                   "The folder that a picture is in names the class to explain");
  command.add_flag("--contrast", options.items.contrast,
                   "Explain by how much the class is ahead of the mean of the others");
}

void add_work_options(CLI::App& command, EvaluateOptions& options) {
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
      ->check(CLI::IsMember({"quick", "full"}).description(""))
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
      .add_option("--rerun-pictures", options.rerun_pictures,
                  "Metrics that run a method again and again (robustness, randomisation) take so "
                  "many pictures only")
      ->type_name("COUNT")
      ->check(CLI::Range(1, std::numeric_limits<int>::max()).description(""))
      ->capture_default_str();
  command
      .add_option("--mosaics", options.items.mosaics,
                  "Mosaics of four pictures for the grid pointing game")
      ->type_name("COUNT")
      ->check(CLI::Range(0, 1000000).description(""))
      ->capture_default_str();
  command.add_option("--resamples", options.resamples, "Of the bootstrap intervals")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 1000000).description(""))
      ->capture_default_str();
  command.add_option("--seed", options.items.seed, "Of all that is drawn")
      ->type_name("NUMBER")
      ->capture_default_str();
}

}  // namespace

void add_evaluate(CLI::App& program, int& status) {
  CLI::App* command = program.add_subcommand(
      "evaluate", "Measure methods by metrics on a set of pictures: a leaderboard with intervals");
  auto options = std::make_shared<EvaluateOptions>();
  add_data_options(*command, *options);
  add_work_options(*command, *options);
  options->question.add_classes_to(*command);
  command
      ->add_option("-o,--out", options->out,
                   "Folder for results (an interrupted run goes on there) and leaderboard "
                   "[default: whyclip-evaluation/NAME]")
      ->type_name("FOLDER");
  command->add_flag("--json", options->json, "Print JSON instead of the table");
  options->model.add_to(*command);
  options->picture.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip evaluate datasets/toons --pictures 20 --methods family:gradient,attention\n"
      "  whyclip evaluate datasets/toons\n"
      "  whyclip evaluate -m ~/clip -c cat,dog,horse instances_val2017.json \\\n"
      "      --pictures-folder val2017 --pictures 500 --metrics localisation,srg\n"
      "  whyclip evaluate -m ~/clip -c cat,dog photos --methods contributions,gae,rise");
  command->callback([options, &status] { status = evaluate(*options); });
}

}  // namespace whyclip::cli
