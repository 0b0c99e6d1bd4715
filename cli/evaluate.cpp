#include <fmt/format.h>

#include <limits>

#include "cli/classifier_options.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/evaluate_output.h"
#include "cli/method_choice.h"
#include "cli/named_options.h"

namespace whyclip::cli {
namespace {

struct EvaluateArguments {
  ModelOptions model;
  ImageOptions image;
  ClassifierOptions classifier;
  std::string dataset, methods = "all", metrics = "all", budget = "quick", format, images_folder,
                       split, out;
  std::vector<std::string> set, set_metric;
  EvaluateOptions options;
  bool target_from_folders = false, json = false;
};

Dataset open(const EvaluateArguments& arguments) {
  DatasetOptions how{.images = arguments.images_folder,
                     .split = arguments.split,
                     .target_from_folders = arguments.target_from_folders};
  if (!arguments.format.empty()) how.format = find_dataset_format(arguments.format);
  return open_dataset(arguments.dataset, how);
}

EvaluateOptions options_of(const EvaluateArguments& arguments, const Dataset& dataset) {
  EvaluateOptions options = arguments.options;
  options.classifier = arguments.classifier.options();
  options.methods = split_at_commas(arguments.methods, "--methods", "name");
  options.method_options = method_options(arguments.set);
  options.metrics = split_at_commas(arguments.metrics, "--metrics", "name");
  options.metric_options =
      named_options(arguments.set_metric, "--set-metric", "METRIC.OPTION=VALUE",
                    [](const std::string& name) { find_metric(name); });
  options.budget = arguments.budget == "full" ? Budget::kFull : Budget::kQuick;
  options.view = arguments.image.view();
  options.decode = arguments.image.decode();
  options.threads = arguments.model.threads;
  options.folder = arguments.out.empty()
                       ? std::filesystem::path("whyclip-evaluation") / slug(dataset.name())
                       : std::filesystem::path(arguments.out);
  options.model_factory = [&model = arguments.model](WeightTransform transform) {
    return model.open_on_one_thread(std::move(transform));
  };
  options.progress = progress_bar();
  return options;
}

int evaluate(const EvaluateArguments& arguments) {
  const Dataset dataset = open(arguments);
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  for (const DatasetRemark& remark : dataset.remarks()) warn(text_of(remark));
  const EvaluateOptions options = options_of(arguments, dataset);
  const Evaluation evaluation = evaluate(clip, dataset, options);
  if (evaluation.interrupted) clear_progress_line();
  for (const auto& [image, reason] : evaluation.skipped) warn(fmt::format("{}: {}", image, reason));
  const std::vector<FileToWrite> files = evaluation_files(evaluation, options.folder);
  write_together(files);
  if (arguments.json) {
    fmt::print("{}\n", to_json(evaluation));
  } else {
    fmt::print("{}\n{}", evaluation_text(evaluation), written_text(files));
  }
  if (evaluation.interrupted) {
    warn("interrupted; what is done is kept, the same command continues");
    return kInterrupted;
  }
  return evaluation.complete() ? 0 : 1;
}

void add_data_options(Command& command, EvaluateArguments& arguments) {
  command
      .add_option("dataset", arguments.dataset,
                  "Folder of images, with masks or without, dataset.json, COCO .json or YOLO "
                  "data.yaml: docs/datasets.md")
      ->type_name("DATASET")
      ->required();
  command
      .add_option("--format", arguments.format,
                  "whyclip, labels, coco, yolo or images [default: recognised]")
      ->type_name("NAME");
  command.add_option("--images-folder", arguments.images_folder, "COCO: where the images are")
      ->type_name("FOLDER");
  command.add_option("--split", arguments.split, "Only images below a folder of this name")
      ->type_name("NAME");
  command
      .add_option("--images", arguments.options.images,
                  "Use so many images, evenly spaced over the set [default: all]")
      ->type_name("COUNT")
      ->check(whole_between(1, std::numeric_limits<int>::max()));
  command
      .add_option("--target-class,--ask", arguments.options.target_class,
                  "The class that is explained where the set does not say one [default: the best]")
      ->type_name("NAME");
  command.add_flag("--target-class-from-folders,--ask-from-folders", arguments.target_from_folders,
                   "The folder that an image is in names the class to explain");
  command.add_flag("--contrast", arguments.options.contrast,
                   "Explain by how much the class is ahead of the mean of the others");
}

void add_work_options(Command& command, EvaluateArguments& arguments) {
  command
      .add_option("--methods", arguments.methods,
                  "Names and families that \"whyclip methods\" lists, or all; random baselines are "
                  "always there. family:gradient is the family, gradient the method of that name")
      ->type_name("LIST")
      ->capture_default_str();
  command.add_option("--set", arguments.set, "An option of a method; may be repeated")
      ->type_name("METHOD.OPTION=VALUE");
  command
      .add_option(
          "--budget", arguments.budget,
          "What perturbation and sampling methods and the metrics of curves may spend: quick, or "
          "full (their defaults)")
      ->check(one_of({"quick", "full"}))
      ->type_name("NAME")
      ->capture_default_str();
  command
      .add_option("--metrics", arguments.metrics,
                  "Names and categories that \"whyclip metrics\" lists, or all")
      ->type_name("LIST")
      ->capture_default_str();
  command
      .add_option("--set-metric", arguments.set_metric, "An option of a metric; may be repeated")
      ->type_name("METRIC.OPTION=VALUE");
  command
      .add_option("--rerun-images", arguments.options.rerun_images,
                  "Metrics that run a method again and again (robustness, randomisation) take so "
                  "many images only")
      ->type_name("COUNT")
      ->check(whole_between(1, std::numeric_limits<int>::max()))
      ->capture_default_str();
  command
      .add_option("--mosaics", arguments.options.mosaics,
                  "Mosaics of four images for the grid pointing game")
      ->type_name("COUNT")
      ->check(whole_between(0, 1000000))
      ->capture_default_str();
  command
      .add_option("--resamples", arguments.options.resamples,
                  "Resamples of the bootstrap intervals")
      ->type_name("COUNT")
      ->check(whole_between(1, 1000000))
      ->capture_default_str();
  command.add_option("--seed", arguments.options.seed, "Random seed")
      ->type_name("NUMBER")
      ->capture_default_str();
}

}  // namespace

void add_evaluate(Command& program, int& status) {
  Command command = program.add_subcommand(
      "evaluate", "Measure methods by metrics on a set of images: a leaderboard with intervals");
  auto arguments = std::make_shared<EvaluateArguments>();
  add_data_options(*command, *arguments);
  add_work_options(*command, *arguments);
  arguments->classifier.add_classes_to(*command);
  command
      ->add_option("-o,--out", arguments->out,
                   "Folder for results (an interrupted run continues there) and leaderboard "
                   "[default: whyclip-evaluation/NAME]")
      ->type_name("FOLDER");
  command->add_flag("--json", arguments->json, "Print JSON instead of the table");
  arguments->model.add_to(*command);
  arguments->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip evaluate datasets/toons --images 20 --methods family:gradient,attention\n"
      "  whyclip evaluate datasets/toons\n"
      "  whyclip evaluate -m ~/clip -c cat,dog,horse instances_val2017.json \\\n"
      "      --images-folder val2017 --images 500 --metrics localisation,srg\n"
      "  whyclip evaluate -m ~/clip -c cat,dog photos --methods contributions,gae,rise");
  command->callback([arguments, &status] { status = evaluate(*arguments); });
}

}  // namespace whyclip::cli
