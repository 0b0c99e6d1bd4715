#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "cli/commands.h"
#include "cli/compare_output.h"
#include "cli/help.h"
#include "cli/pictures.h"
#include "cli/target_options.h"

namespace whyclip::cli {
namespace {

constexpr const char* kDefaultOut = "whyclip-out";

struct CompareOptions {
  ModelOptions model;
  PictureOptions picture;
  TargetOptions target;
  std::string image, methods = "all", out;
  std::vector<std::string> set;
  bool no_removal = false, json = false;
};

using Settings = std::map<std::string, std::map<std::string, std::string>>;

/// "gae.start=3" by method. Throws Error for what cannot be read.
Settings settings_of(const std::vector<std::string>& texts) {
  Settings settings;
  for (const std::string& text : texts) {
    const std::size_t dot = text.find('.'), equals = text.find('=');
    if (dot == text.npos || equals == text.npos || equals < dot) {
      throw Error("--set", fmt::format("expected METHOD.OPTION=VALUE, got \"{}\"", text));
    }
    const std::string method = text.substr(0, dot);
    find_method(method);
    settings[method][text.substr(dot + 1, equals - dot - 1)] = text.substr(equals + 1);
  }
  return settings;
}

/// The methods that a list of names, families and "all" stands for, in the registry's order.
std::vector<const Method*> chosen(const std::string& text) {
  std::set<std::string> names;
  for (const std::string& word : parse_class_list(text)) {
    bool family = false;
    for (const Method& method : methods()) {
      if (word != "all" && word != name_of(method.info.family)) continue;
      // The published tracing takes as long as all others together: by name only.
      if (word == "all" && method.info.name == "published") continue;
      names.insert(method.info.name);
      family = true;
    }
    if (!family) names.insert(find_method(word).info.name);
  }
  std::vector<const Method*> result;
  for (const Method& method : methods()) {
    if (names.contains(method.info.name)) result.push_back(&method);
  }
  return result;
}

std::optional<double> correlation(const std::vector<float>& a, const std::vector<float>& b) {
  return rank_correlation(std::vector<double>(a.begin(), a.end()),
                          std::vector<double>(b.begin(), b.end()));
}

ComparedMethod run(const Method& method, Subject& subject, const Settings& settings) {
  ComparedMethod result{.info = method.info};
  const auto own = settings.find(method.info.name);
  const std::map<std::string, std::string> values =
      own == settings.end() ? std::map<std::string, std::string>() : own->second;
  result.options.assign(values.begin(), values.end());
  const MethodSettings checked(method.info, values);
  const auto start = std::chrono::steady_clock::now();
  result.map = method.run(subject, checked, progress_bar());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (result.map.total) result.residual = *result.map.total - result.sum();
  return result;
}

/// Runs the methods one after the other; Ctrl-C leaves those that are finished.
void run_all(const std::vector<const Method*>& chosen, const Settings& settings, Subject& subject,
             Comparison& comparison) {
  try {
    for (const Method* method : chosen) {
      comparison.methods.push_back(run(*method, subject, settings));
    }
  } catch (const Cancelled&) {
    if (comparison.methods.empty()) throw;
    comparison.notes.push_back(fmt::format("Interrupted: {} of {} methods are finished.",
                                           comparison.methods.size(), chosen.size()));
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
std::vector<float> removal(Subject& subject) {
  std::vector<PatchSet> kept(std::size_t(subject.patches()));
  for (int left_out = 0; left_out < subject.patches(); ++left_out) {
    for (int p = 0; p < subject.patches(); ++p) {
      if (p != left_out) kept[std::size_t(left_out)].push_back(p);
    }
  }
  std::vector<float> effects;
  for (const double value : subject.values_keeping(kept, progress_bar())) {
    effects.push_back(float(subject.value() - value));
  }
  return effects;
}

Comparison compare(const CompareOptions& options) {
  const DecodeOptions decode = options.picture.decode();
  const std::vector<const Method*> list = chosen(options.methods);
  const Settings settings = settings_of(options.set);
  for (const auto& [name, values] : settings) MethodSettings(find_method(name).info, values);
  Comparison c;
  c.path = options.image;
  c.source = load_picture(options.image, decode);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  c.model = clip.name();
  const ZeroShot zero_shot = options.target.ask(clip);
  const Preprocessed prepared = prepare(clip, c.source, options.image, options.picture.view());
  const Tensor embedding = clip.encode_images({&prepared, 1});
  c.target = options.target.choose(clip, zero_shot, score(clip, zero_shot, embedding.row(0)),
                                   embedding.row(0));
  c.notes = notes_of(clip, zero_shot);
  Subject subject(clip, prepared, c.target);
  c.grid = subject.grid();
  c.value = subject.value();
  if (!options.no_removal) c.effects = removal(subject);
  run_all(list, settings, subject, c);
  correlate(c);
  c.settings = {{"model", c.model},
                {"target", fmt::format("{} “{}”", c.target.kind, c.target.name)},
                {"patch grid", fmt::format("{} × {}", c.grid.rows, c.grid.columns)},
                {"pictures with patches left out", fmt::format("{}", subject.evaluations())},
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

void add_compare(CLI::App& program, int& status) {
  CLI::App* command = program.add_subcommand(
      "compare", "Explain one score by several methods, side by side, with what each costs");
  auto options = std::make_shared<CompareOptions>();
  command->add_option("image", options->image, "Picture (JPEG, PNG, WebP), or - for standard input")
      ->type_name("PICTURE")
      ->required();
  command
      ->add_option("--methods", options->methods,
                   "Names and families that \"whyclip methods\" lists, with commas between, or all "
                   "(all but the published tracing)")
      ->type_name("LIST")
      ->capture_default_str();
  command->add_option("--set", options->set, "An option of a method; may be repeated")
      ->type_name("METHOD.OPTION=VALUE");
  options->target.add_to(*command);
  command->add_flag("--no-removal", options->no_removal,
                    "Do not compare with what hurts when it is removed (a forward pass a patch)");
  command
      ->add_option("-o,--out", options->out,
                   "Folder for contact sheet, page, .json and .npz [default: whyclip-out; with "
                   "--json none]")
      ->type_name("FOLDER");
  command->add_flag("--json", options->json, "Print JSON instead of the tables");
  options->model.add_to(*command);
  options->picture.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip compare drawing.png\n"
      "  whyclip compare drawing.png --class cat --versus dog --methods cam,attention\n"
      "  whyclip compare drawing.png --methods gae,rise --set rise.masks=2000\n"
      "  whyclip compare -m ~/clip -p \"a cat.\" cat.jpg --methods contributions,gae");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace whyclip::cli
