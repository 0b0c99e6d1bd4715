#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "cli/classifier_options.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/images.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

struct ClassifyOptions {
  ModelOptions model;
  ImageOptions image;
  ClassifierOptions classifier;
  std::vector<std::string> paths;
  int top = 0;  ///< 0: 5 in the table, all in JSON
  bool json = false;
};

constexpr int kTopOfTable = 5;
constexpr std::size_t kBatch = 8;

/// Places of the scores, the best first.
template <class Score>
std::vector<std::size_t> best_first(const std::vector<Score>& scores, std::size_t most) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a].logit > scores[b].logit; });
  order.resize(std::min(order.size(), most));
  return order;
}

/// Widths of the columns of a table; the numbers between them take kNumbers.
struct Columns {
  int name, bar;
};

/// Names get what they need but no more than the terminal leaves, the bar what is over.
Columns columns_for(const Terminal& terminal, const std::vector<std::string>& names) {
  constexpr int kNumbers = 36, kLeastName = 16, kLeastBar = 8, kMostBar = 20;
  int wanted = 0;
  for (const std::string& name : names) wanted = std::max(wanted, columns_of(name));
  if (terminal.width == 0) return {wanted, 0};
  const int available = std::max(kLeastName, terminal.width - kNumbers);
  const bool has_bar = available >= kLeastName + 2 + kLeastBar;
  const int name = std::min(wanted, has_bar ? available - 2 - kLeastBar : available);
  return {name, has_bar ? std::min(kMostBar, available - name - 2) : 0};
}

void print_header(const Terminal& terminal, std::string_view what, Columns columns) {
  fmt::print("  {}\n", terminal.dim(pad(fit(what, columns.name), columns.name) +
                                    "  probability    logit  similarity"));
}

template <class Score>
void print_row(const Terminal& terminal, const std::string& name, Columns columns,
               const Score& score) {
  const std::string bar = terminal.bar(score.probability, columns.bar);
  fmt::print("  {}  {:>10.2f}%  {:>7.3f}  {:>10.4f}{}{}\n",
             pad(fit(name, columns.name), columns.name), 100 * score.probability, score.logit,
             score.similarity, bar.empty() ? "" : "  ", bar);
}

void print_table(const std::string& path, const ZeroShot& zero_shot, const Scores& scores,
                 int top) {
  const Terminal terminal = Terminal::standard_output();
  const auto most = std::size_t(top > 0 ? top : kTopOfTable);
  const auto classes = best_first(scores.classes, top > 0 ? most : scores.classes.size());
  const auto prompts = best_first(scores.prompts, most);
  const std::string heading = prompts.size() < scores.prompts.size()
                                  ? fmt::format("best of {} prompts", scores.prompts.size())
                                  : "prompt";
  std::vector<std::string> names{heading};
  for (const std::size_t c : classes) names.push_back(zero_shot.classes[c]);
  for (const std::size_t p : prompts) names.push_back(one_line(zero_shot.prompts[p].text));
  const Columns columns = columns_for(terminal, names);
  fmt::print("{}\n", terminal.bold(one_line(path)));
  if (!classes.empty()) {
    print_header(terminal, "class", columns);
    for (const std::size_t c : classes) {
      print_row(terminal, zero_shot.classes[c], columns, scores.classes[c]);
    }
    fmt::print("\n");
  }
  print_header(terminal, heading, columns);
  for (const std::size_t p : prompts) {
    print_row(terminal, one_line(zero_shot.prompts[p].text), columns, scores.prompts[p]);
  }
  fmt::print("\n");
}

Json to_json(const std::string& path, const ZeroShot& zero_shot, const Scores& scores, int top) {
  const std::size_t most =
      top > 0 ? std::size_t(top) : scores.prompts.size() + scores.classes.size();
  Json prompts = Json::array(), classes = Json::array();
  for (const std::size_t p : best_first(scores.prompts, most)) {
    const PromptScore& s = scores.prompts[p];
    const int class_index = zero_shot.prompts[p].class_index;
    prompts.push_back(
        {{"text", zero_shot.prompts[p].text},
         {"class", class_index < 0 ? Json() : Json(zero_shot.classes[std::size_t(class_index)])},
         {"similarity", s.similarity},
         {"logit", s.logit},
         {"probability", s.probability}});
  }
  for (const std::size_t c : best_first(scores.classes, most)) {
    const ClassScore& s = scores.classes[c];
    classes.push_back({{"name", zero_shot.classes[c]},
                       {"similarity", s.similarity},
                       {"logit", s.logit},
                       {"probability", s.probability}});
  }
  return {{"path", path}, {"prompts", prompts}, {"classes", classes}};
}

/// The JSON document is written image by image, so that an interruption loses none of what was
/// done; it is always closed.
class JsonOutput {
 public:
  JsonOutput(const Clip& clip, const ImageList& list, bool on) : list_(list), on_(on) {
    if (!on_) return;
    Json model(clip.name());
    fmt::print("{{\"model\": {}, \"images\": [",
               model.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  JsonOutput(const JsonOutput&) = delete;
  JsonOutput& operator=(const JsonOutput&) = delete;
  ~JsonOutput() {
    if (!on_) return;
    const std::string skipped =
        json_of(list_.others).dump(-1, ' ', false, Json::error_handler_t::replace);
    std::fputs(("\n], \"skipped\": " + skipped + "}\n").c_str(), stdout);
  }
  void add(const Json& image) {
    fmt::print("{}\n{}", first_ ? "" : ",",
               image.dump(-1, ' ', false, Json::error_handler_t::replace));
    first_ = false;
  }

 private:
  const ImageList& list_;
  bool on_, first_ = true;
};

/// Images of one batch that could be read.
struct Batch {
  std::vector<std::string> paths;
  std::vector<Preprocessed> images;
  std::vector<std::vector<std::string>> warnings;  ///< of each image
};

int classify(const ClassifyOptions& options) {
  const ImageList list = list_images(options.paths);
  const std::vector<std::string>& paths = list.paths;
  std::vector<std::string> warnings;
  const DecodeOptions decode = options.image.decode(&warnings);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  const ZeroShot zero_shot = options.classifier.make_classifier(clip);
  JsonOutput json(clip, list, options.json);
  int status = 0;
  const auto not_done = [&](const std::string& path, const std::string& error) {
    if (options.json) json.add({{"path", path}, {"error", error}});
    status = 1;
  };
  const auto failed = [&](const std::string& path, const Error& error) {
    warn(error.what());
    not_done(path, error.what());
  };
  warn_of_skipped(list);
  for (const Skipped& folder : list.failed) {
    not_done(folder.path, fmt::format("[{}] {}", folder.path, folder.reason));
  }
  const auto finish = [&](Batch& batch) {
    if (batch.paths.empty()) return;
    const Tensor embeddings = clip.encode_images(batch.images);
    for (std::size_t i = 0; i < batch.paths.size(); ++i) {
      try {
        const Scores scores = score(clip, zero_shot, embeddings.row(std::int64_t(i)));
        clear_progress_line();
        if (options.json) {
          Json image = to_json(batch.paths[i], zero_shot, scores, options.top);
          if (!batch.warnings[i].empty()) image["warnings"] = batch.warnings[i];
          json.add(image);
        } else {
          print_table(batch.paths[i], zero_shot, scores, options.top);
        }
      } catch (const Error& error) {
        failed(batch.paths[i], error);
      }
    }
    batch = {};
  };
  const Progress progress = progress_bar();
  Batch batch;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!progress("images", std::int64_t(i), std::int64_t(paths.size()))) {
      throw Cancelled("images");
    }
    try {
      warnings.clear();
      Preprocessed image =
          prepare(clip, load_image(paths[i], decode), paths[i], options.image.view());
      // Whole images have grids of their own; only equal ones share a batch.
      const bool fits = batch.images.empty() || (batch.images[0].width == image.width &&
                                                 batch.images[0].height == image.height);
      if (!fits || batch.images.size() == kBatch) finish(batch);
      batch.paths.push_back(paths[i]);
      batch.images.push_back(std::move(image));
      batch.warnings.push_back(warnings);
    } catch (const Error& error) {
      finish(batch);
      failed(paths[i], error);
    }
  }
  finish(batch);
  return status;
}

}  // namespace

void add_classify(Command& program, int& status) {
  Command command =
      program.add_subcommand("classify", "Say which class or prompt fits images best");
  auto options = std::make_shared<ClassifyOptions>();
  command
      ->add_option("image", options->paths,
                   "Images (JPEG, PNG, WebP), folders of images, or - for standard input")
      ->type_name("IMAGE")
      ->required();
  options->classifier.add_classes_to(*command);
  options->classifier.add_prompts_to(*command,
                                     "A whole sentence to compare with, instead of classes; may be "
                                     "repeated");
  command
      ->add_option(
          "--top", options->top,
          "How many classes and prompts to show [default: all classes, 5 prompts; in JSON all]")
      ->type_name("N")
      ->check(above_zero());
  command->add_flag("--json", options->json, "Print one JSON document instead of tables");
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip classify drawing.png\n"
      "  whyclip classify -m ~/clip-vit-base-patch32 -c cat,dog,horse photos/\n"
      "  whyclip classify -m ~/clip -p \"a photo of a cat.\" -p \"a sleeping dog\" cat.jpg\n"
      "  whyclip classify -m ~/clip -c pets.txt -t simple --json - < cat.jpg");
  command->callback([options, &status] { status = classify(*options); });
}

}  // namespace whyclip::cli
