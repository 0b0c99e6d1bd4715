#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "cli/commands.h"
#include "cli/pictures.h"
#include "cli/questions.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

struct ClassifyOptions {
  ModelOptions model;
  PictureOptions picture;
  QuestionOptions question;
  std::vector<std::string> images;
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

void print_header(const Terminal& terminal, std::string_view what, int width) {
  fmt::print("  {}\n", terminal.dim(pad(what, width) + "  probability    logit  similarity"));
}

void print_row(const Terminal& terminal, const std::string& name, int width, double probability,
               double logit, double similarity) {
  constexpr int kBar = 20;
  const std::string bar = terminal.bar(probability, kBar);
  fmt::print("  {}  {:>10.2f}%  {:>7.3f}  {:>10.4f}{}{}\n", pad(fit(name, width), width),
             100 * probability, logit, similarity, bar.empty() ? "" : "  ", bar);
}

/// Width of the column of names: what they need, but no more than the terminal leaves.
int name_width(const Terminal& terminal, const std::vector<std::string>& names) {
  constexpr int kOtherColumns = 62, kLeast = 16;
  int width = 8;
  for (const std::string& name : names) width = std::max(width, columns_of(name));
  if (terminal.width == 0) return width;
  return std::min(width, std::max(kLeast, terminal.width - kOtherColumns));
}

void print_table(const std::string& path, const ZeroShot& zero_shot, const Scores& scores,
                 int top) {
  const Terminal terminal = Terminal::standard_output();
  const auto most = std::size_t(top > 0 ? top : kTopOfTable);
  fmt::print("{}\n", terminal.bold(path));
  const auto classes = best_first(scores.classes, top > 0 ? most : scores.classes.size());
  const auto prompts = best_first(scores.prompts, most);
  std::vector<std::string> names;
  for (const std::size_t c : classes) names.push_back(zero_shot.classes[c]);
  for (const std::size_t p : prompts) names.push_back(zero_shot.prompts[p].text);
  const int width = name_width(terminal, names);
  if (!classes.empty()) {
    print_header(terminal, "class", width);
    for (const std::size_t c : classes) {
      const ClassScore& s = scores.classes[c];
      print_row(terminal, zero_shot.classes[c], width, s.probability, s.logit, s.similarity);
    }
    fmt::print("\n");
  }
  print_header(terminal, fmt::format("best of {} prompts", scores.prompts.size()), width);
  for (const std::size_t p : prompts) {
    const PromptScore& s = scores.prompts[p];
    print_row(terminal, zero_shot.prompts[p].text, width, s.probability, s.logit, s.similarity);
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

/// The JSON document is written picture by picture, so that an interruption loses none of what was
/// done; it is always closed.
class JsonOutput {
 public:
  JsonOutput(const Clip& clip, bool on) : on_(on) {
    if (!on_) return;
    Json model(clip.name());
    fmt::print("{{\"model\": {}, \"images\": [",
               model.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  JsonOutput(const JsonOutput&) = delete;
  JsonOutput& operator=(const JsonOutput&) = delete;
  ~JsonOutput() {
    if (on_) std::fputs("\n]}\n", stdout);
  }
  void add(const Json& image) {
    fmt::print("{}\n{}", first_ ? "" : ",",
               image.dump(-1, ' ', false, Json::error_handler_t::replace));
    first_ = false;
  }

 private:
  bool on_, first_ = true;
};

/// Pictures of one batch that could be read.
struct Batch {
  std::vector<std::string> paths;
  std::vector<Preprocessed> pictures;
};

int classify(const ClassifyOptions& options) {
  const std::vector<std::string> paths = list_pictures(options.images);
  const DecodeOptions decode = options.picture.decode();
  const Clip clip = options.model.open();
  announce(clip, options.model);
  const ZeroShot zero_shot = options.question.ask(clip);
  JsonOutput json(clip, options.json);
  int status = 0;
  const auto failed = [&](const std::string& path, const Error& error) {
    complain(error.what());
    if (options.json) json.add({{"path", path}, {"error", error.what()}});
    status = 1;
  };
  const auto finish = [&](Batch& batch) {
    if (batch.paths.empty()) return;
    const Tensor embeddings = clip.encode_images(batch.pictures);
    for (std::size_t i = 0; i < batch.paths.size(); ++i) {
      try {
        const Scores scores = score(clip, zero_shot, embeddings.row(std::int64_t(i)));
        clear_progress_line();
        if (options.json) {
          json.add(to_json(batch.paths[i], zero_shot, scores, options.top));
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
    if (!progress("pictures", std::int64_t(i), std::int64_t(paths.size()))) return kInterrupted;
    try {
      Preprocessed picture = clip.prepare(load_picture(paths[i], decode), options.picture.view());
      // Whole pictures have grids of their own; only equal ones share a batch.
      const bool fits = batch.pictures.empty() || (batch.pictures[0].width == picture.width &&
                                                   batch.pictures[0].height == picture.height);
      if (!fits || batch.pictures.size() == kBatch) finish(batch);
      batch.paths.push_back(paths[i]);
      batch.pictures.push_back(std::move(picture));
    } catch (const Error& error) {
      finish(batch);
      failed(paths[i], error);
    }
  }
  finish(batch);
  return status;
}

}  // namespace

void add_classify(CLI::App& program, int& status) {
  CLI::App* command =
      program.add_subcommand("classify", "Say which class or prompt fits pictures best");
  auto options = std::make_shared<ClassifyOptions>();
  command
      ->add_option("image", options->images,
                   "Pictures (JPEG, PNG, WebP), folders of pictures, or - for standard input")
      ->required();
  options->question.add_to(*command);
  command
      ->add_option(
          "--top", options->top,
          "How many classes and prompts to show [default: all classes, 5 prompts; in JSON all]")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json, "Print JSON on standard output");
  options->model.add_to(*command);
  options->picture.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip classify drawing.png\n"
      "  whyclip classify --model ~/clip-vit-base-patch32 --classes cat,dog,horse photos/\n"
      "  whyclip classify -m ~/clip -p \"a photo of a cat.\" -p \"two cats on a sofa\" cat.jpg "
      "--json\n"
      "  curl -s https://example.org/cat.jpg | whyclip classify -m ~/clip -c pets.txt -t simple -");
  command->callback([options, &status] { status = classify(*options); });
}

}  // namespace whyclip::cli
