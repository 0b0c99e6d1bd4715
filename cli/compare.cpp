#include <fmt/format.h>
#include <sys/resource.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/compare_output.h"
#include "cli/compare_words.h"
#include "cli/images.h"
#include "cli/method_choice.h"
#include "cli/region_options.h"
#include "cli/target_options.h"

namespace whyclip::cli {
namespace {

constexpr const char* kDefaultOut = "whyclip-out";

struct CompareOptions {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  std::string path, methods = "all", out, name;
  std::vector<std::string> set;
  RegionOption regions;
  bool no_removal = false, words = false, json = false;
};

/// The methods that the text stands for, with what was set.
std::vector<MethodWithSettings> chosen(const std::string& text, const NamedOptionTexts& settings,
                                       bool words) {
  std::vector<MethodWithSettings> result;
  for (const Method* method : choose_methods(text, words)) {
    const auto own = settings.find(method->info.name);
    result.push_back({method, own == settings.end() ? MethodSettings(method->info)
                                                    : MethodSettings(method->info, own->second)});
  }
  return result;
}

/// The most that this process held in memory at once.
double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) / 1e3;  // kB
}

std::optional<double> correlation(const std::vector<float>& a, const std::vector<float>& b) {
  return rank_correlation(std::vector<double>(a.begin(), a.end()),
                          std::vector<double>(b.begin(), b.end()));
}

ComparedMethod run(const MethodWithSettings& entry, ExplanationContext& context,
                   const NamedOptionTexts& settings) {
  const Method& method = *entry.method;
  ComparedMethod result{.info = method.info};
  if (const auto own = settings.find(method.info.name); own != settings.end()) {
    result.options.assign(own->second.begin(), own->second.end());
  }
  const auto start = std::chrono::steady_clock::now();
  result.map = method.run(context, entry.settings, progress_bar());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (result.map.total) result.residual = *result.map.total - result.sum();
  return result;
}

/// Runs the methods one after the other, then those of words; Ctrl-C leaves what is finished.
void run_all(const std::vector<MethodWithSettings>& list, const NamedOptionTexts& settings,
             bool words, ExplanationContext& context, Comparison& comparison) {
  const auto maps = std::ranges::count_if(
      list, [](const MethodWithSettings& entry) { return bool(entry.method->run); });
  try {
    for (const MethodWithSettings& entry : list) {
      if (entry.method->run) comparison.methods.push_back(run(entry, context, settings));
    }
    if (words) comparison.words = compare_words(context, list);
  } catch (const Cancelled&) {
    if (comparison.methods.empty()) throw;
    comparison.notes.push_back(fmt::format("Interrupted: {} of {} methods are finished{}.",
                                           comparison.methods.size(), maps,
                                           words ? ", the words are not" : ""));
  }
}

void correlate(Comparison& comparison) {
  for (ComparedMethod& method : comparison.methods) {
    method.removal = correlation(method.map.patches, comparison.effects);
    comparison.agreement.emplace_back();
    for (const ComparedMethod& other : comparison.methods) {
      comparison.agreement.back().push_back(correlation(method.map.patches, other.map.patches));
    }
  }
}

/// What each patch's removal takes from the target.
std::vector<float> removal(ExplanationContext& context) {
  const std::vector<PatchSet> kept = each_removed(context.patches());
  std::vector<float> effects;
  for (const double value : context.values_keeping(kept, progress_bar())) {
    effects.push_back(float(context.value() - value));
  }
  return effects;
}

/// Before the long part. Throws Error for a prompt without words.
void check_words(const Clip& clip, const ZeroShot& zero_shot, const Target& target) {
  constexpr std::size_t kStartAndEnd = 2;
  for (const PromptWeight& part : target.prompts) {
    const std::string& text = zero_shot.prompts[std::size_t(part.prompt)].text;
    if (clip.tokenize(text).tokens.size() > kStartAndEnd) continue;
    throw Error("--words",
                fmt::format("the prompt \"{}\" is empty: it has no words to explain", text));
  }
}

Comparison compare(const CompareOptions& options) {
  check_name(options.name, !options.json || !options.out.empty());
  std::vector<std::string> warnings;
  const DecodeOptions decode = options.image.decode(&warnings);
  const NamedOptionTexts settings = method_options(options.set);
  const std::vector<MethodWithSettings> list = chosen(options.methods, settings, options.words);
  Comparison c;
  c.path = options.path;
  c.name = options.name;
  c.source = load_image(options.path, decode);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  c.model = clip.name();
  const ZeroShot zero_shot = options.target.make_classifier(clip);
  const Preprocessed prepared = prepare(clip, c.source, options.path, options.image.view());
  const Tensor embedding = clip.encode_images({&prepared, 1});
  c.target = options.target.choose(clip, zero_shot, score(clip, zero_shot, embedding.row(0)),
                                   embedding.row(0));
  c.notes = notes_on(clip, zero_shot, c.target);
  c.notes.insert(c.notes.end(), warnings.begin(), warnings.end());
  if (options.words) check_words(clip, zero_shot, c.target);
  ExplanationContext context(clip, prepared, c.target, &zero_shot);
  c.grid = context.grid();
  if (!options.regions.text.empty()) {
    c.regions = options.regions.read(c.source, prepared, c.grid);
    context.set_regions(*c.regions);
  }
  c.value = context.value();
  if (!options.no_removal) c.effects = removal(context);
  run_all(list, settings, options.words, context, c);
  correlate(c);
  c.settings = {{"model", c.model},
                {"target", fmt::format("{} “{}”", c.target.kind, c.target.name)},
                {"patch grid", fmt::format("{} × {}", c.grid.rows, c.grid.columns)},
                {"images with patches left out", fmt::format("{}", context.evaluations())},
                {"peak memory", fmt::format("{:.0f} MB", peak_megabytes())},
                {"whyclip", WHYCLIP_VERSION}};
  return c;
}

int run(const CompareOptions& options) {
  const Comparison comparison = compare(options);
  std::vector<FileToWrite> files;
  if (!options.json || !options.out.empty()) {
    files = compared_files(comparison, {.legend = false},
                           options.out.empty() ? kDefaultOut : options.out);
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}\n",
               compared_json(comparison).dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}\n{}", compared_text(comparison), written_text(files));
  }
  return interrupted() ? kInterrupted : 0;
}

}  // namespace

void add_compare(Command& program, int& status) {
  Command command = program.add_subcommand(
      "compare", "Explain one score by several methods, side by side, with what each costs");
  auto options = std::make_shared<CompareOptions>();
  command->add_option("image", options->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  command
      ->add_option("--methods", options->methods,
                   "Names and families that \"whyclip methods\" lists, with commas between, or all "
                   "(all but the published tracing). family:gradient is the family, gradient the "
                   "method of that name")
      ->type_name("LIST")
      ->capture_default_str();
  command->add_option("--set", options->set, "An option of a method; may be repeated")
      ->type_name("METHOD.OPTION=VALUE")
      ->allow_extra_args(false);
  options->target.add_to(*command);
  options->regions.add_to(*command,
                          "; methods that leave parts out take them for their parts, and "
                          "every map is summed up by them");
  command->add_flag("--words", options->words,
                    "Explain the words of the prompts too, by the methods that can, and pairs of "
                    "words and patches");
  command->add_flag("--no-removal", options->no_removal,
                    "Do not compare with what hurts when it is removed (a forward pass a patch)");
  command
      ->add_option("-o,--out", options->out,
                   "Folder for contact sheet, page, .json and .npz [default: whyclip-out; with "
                   "--json none]")
      ->type_name("FOLDER");
  add_name_option(*command, options->name);
  command->add_flag("--json", options->json, "Print JSON instead of the tables");
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip compare drawing.png\n"
      "  whyclip compare drawing.png --class cat --versus dog --methods cam,attention\n"
      "  whyclip compare drawing.png --methods gae,rise --set rise.masks=2000\n"
      "  whyclip compare drawing.png --methods shapley,lime --regions slic:12\n"
      "  whyclip compare drawing.png -p \"a cat and a dog.\" --words\n"
      "  whyclip compare -m ~/clip -p \"a cat.\" cat.jpg --methods contributions,gae");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace whyclip::cli
