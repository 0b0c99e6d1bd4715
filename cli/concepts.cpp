#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/concepts_output.h"
#include "cli/images.h"
#include "cli/target_options.h"
#include "cli/word_options.h"

namespace whyclip::cli {
namespace {

constexpr const char* kNoMean = "none";

struct ConceptsOptions {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  WordOptions words;
  std::string path, out, name;
  std::vector<std::string> mean;
  double l1 = ConceptOptions{}.penalty;
  int top = 20;
  bool json = false;

  bool has_target() const {
    return !target.class_name.empty() || !target.versus.empty() || target.classifier.classes ||
           !target.classifier.prompts.empty();
  }
};

/// What embeddings are centred by, and how that is told.
struct Centre {
  std::vector<double> mean;
  std::string text;
  std::vector<Skipped> unread = {};
};

Centre centre_of(const ConceptsOptions& options, const Clip& clip) {
  if (options.mean.size() == 1 && options.mean[0] == kNoMean) {
    return {std::vector<double>(std::size_t(clip.config().projection), 0.0), "nothing (none)"};
  }
  if (options.mean.empty()) {
    if (auto known = known_image_mean(clip)) {
      return {*std::move(known), "the mean of 64 drawings of the embedded model's world"};
    }
    throw Error("--mean",
                "SpLiCE takes the mean over many images off an image embedding, and this model's "
                "is not known: name images or a folder of them (--mean photos/), or --mean none");
  }
  ImageMean mean;
  const std::vector<Skipped> unread =
      each_image(clip, list_images(options.mean), options.image, [&](const Preprocessed& image) {
        mean.add(clip.encode_images({&image, 1}).row(0));
      });
  if (mean.images() == 0) throw Error("--mean", "none of the images could be read");
  return {mean.value(),
          fmt::format("the mean of {} image{}{}", mean.images(), mean.images() == 1 ? "" : "s",
                      unread.empty() ? "" : fmt::format(" ({} could not be read)", unread.size())),
          unread};
}

std::vector<std::pair<std::string, std::string>> settings_of(const ConceptsOptions& options,
                                                             const Clip& clip,
                                                             const DescribedImage& d) {
  std::vector<std::pair<std::string, std::string>> settings{
      {"model", d.model},
      {"image", fmt::format("{} × {}", d.source.width, d.source.height)},
      {"view", options.image.whole ? "whole image" : "centre crop"},
      {"words", fmt::format("{} {}", d.words.size(), options.words.source(clip))},
      {"templates of the words", options.words.template_name()},
      {"centred by", d.mean},
      {"λ of ‖Σ w c − z‖² + 2 λ Σ w",
       fmt::format("{} (l1_penalty {} of the authors' program)", options.l1, 2 * options.l1)},
      {"duality gap", fmt::format("{:.1e}", d.result.gap)}};
  if (d.target) {
    settings.emplace_back("target", fmt::format("{} “{}”", d.target->kind, d.target->name));
  }
  settings.emplace_back("whyclip", WHYCLIP_VERSION);
  return settings;
}

DescribedImage describe(const ConceptsOptions& options) {
  check_name(options.name, !options.out.empty());
  DescribedImage d{.model = {},
                   .path = options.path,
                   .name = options.name,
                   .source = load_image(options.path, options.image.decode()),
                   .words = {},
                   .result = {},
                   .target = {},
                   .mean = {},
                   .top = std::size_t(options.top),
                   .settings = {},
                   .notes = {}};
  const Clip clip = options.model.open();
  announce(clip, options.model);
  d.model = clip.name();
  const Preprocessed prepared = prepare(clip, d.source, options.path, options.image.view());
  const Tensor embedding = clip.encode_images({&prepared, 1});
  ZeroShot zero_shot;
  if (options.has_target()) {
    zero_shot = options.target.make_classifier(clip);
    d.target = options.target.choose(clip, zero_shot, score(clip, zero_shot, embedding.row(0)),
                                     embedding.row(0));
  }
  d.notes = notes_on(clip, zero_shot, d.target.value_or(Target{}));
  const Centre centre = centre_of(options, clip);
  d.mean = centre.text;
  if (!centre.unread.empty()) d.notes.push_back("--mean: " + unread_note(centre.unread));
  const ConceptDictionary dictionary = concept_dictionary(options.words.embed(clip));
  d.words = dictionary.words.words;
  d.result = concepts(embedding.row(0), dictionary, centre.mean,
                      {.penalty = options.l1, .target = d.target, .progress = progress_bar()});
  d.settings = settings_of(options, clip, d);
  return d;
}

int run(const ConceptsOptions& options) {
  const DescribedImage described = describe(options);
  if (interrupted()) throw Cancelled("concepts");
  std::vector<FileToWrite> files;
  if (!options.out.empty()) {
    files = concepts_files(described, options.out);
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}\n",
               concepts_json(described).dump(1, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  fmt::print("{}", concepts_text(described));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_concepts(Command& program, int& status) {
  Command command = program.add_subcommand(
      "concepts", "Describe an image's embedding by few words of a list (SpLiCE)");
  auto options = std::make_shared<ConceptsOptions>();
  command->add_option("image", options->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  options->words.add_to(*command);
  command
      ->add_option("--l1", options->l1,
                   "λ: the larger, the fewer words; half of what the authors' program calls "
                   "l1_penalty")
      ->type_name("NUMBER")
      ->check(above_zero())
      ->capture_default_str();
  command
      ->add_option("--mean", options->mean,
                   "Image or folder of images whose mean embedding is taken off, best of many; "
                   "may be repeated; \"none\": nothing is taken off [default for the embedded "
                   "model: 64 drawings of its world]")
      ->type_name("IMAGE|FOLDER")
      ->allow_extra_args(false);
  options->target.add_score_to(*command);
  command->add_option("--top", options->top, "How many words to show at the most")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON, with every chosen word, instead");
  command
      ->add_option("-o,--out", options->out,
                   "Folder for the page and the .json [default: none are written]")
      ->type_name("FOLDER");
  add_name_option(*command, options->name);
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "A score (--class, --versus, --prompt) is shared out among the words; without one only the\n"
      "words are told.\n"
      "Examples:\n"
      "  whyclip concepts drawing.png\n"
      "  whyclip concepts drawing.png --class cat --versus dog --l1 0.05\n"
      "  whyclip concepts -m ~/clip cat.jpg --mean photos/ --words words.txt -o described");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace whyclip::cli
