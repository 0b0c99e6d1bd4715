#include "cli/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/files.h"
#include "cli/images.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

Ledger take_apart(const RecordedImage& recorded, const Target& target, const RuleSet& rules,
                  const RuleSetOptions& policies, bool balances) {
  if (rules.direction == Direction::kBackward) {
    return std::move(ledgers(recorded, {&target, 1}, *rules.table,
                             {.biases = policies.biases.value_or(rules.biases),
                              .positions = policies.positions.value_or(rules.positions),
                              .balances = balances,
                              .progress = policies.progress})[0]);
  }
  Ledger ledger;
  ledger.sources = std::move(attribute(recorded, {&target, 1}, rules, policies)[0]);
  ledger.components = std::move(component_ledgers(recorded, {&target, 1})[0]);
  return ledger;
}

std::vector<std::pair<std::string, std::string>> settings_of(const ExplanationOptions& options,
                                                             const Explanation& e) {
  const Contributions& c = e.sources();
  std::vector<std::pair<std::string, std::string>> settings{
      {"model", e.clip.name()},
      {"method", c.method},
      {"target", quantity(c) == "feature" ? c.target_name
                                          : fmt::format("{} “{}”", c.target_kind, c.target_name)},
      {"image", fmt::format("{} × {}", e.source.width, e.source.height)},
      {"view", options.image.whole ? "whole image" : "centre crop"},
      {"model input", fmt::format("{} × {}, patches of {}", e.prepared.width, e.prepared.height,
                                  e.clip.config().vision.patch_size)},
      {"patch grid", fmt::format("{} × {}", c.grid.rows, c.grid.columns)}};
  if (quantity(c) == "logit") {
    settings.emplace_back("logit scale", fmt::format("{:.4f}", e.clip.logit_scale()));
  }
  if (!options.rules.biases.empty()) settings.emplace_back("biases", options.rules.biases);
  if (!options.rules.positions.empty()) settings.emplace_back("positions", options.rules.positions);
  if (!e.zero_shot.classes.empty()) {
    settings.emplace_back("classes", fmt::format("{}", fmt::join(e.zero_shot.classes, ", ")));
    settings.emplace_back("templates", options.target.classifier.templates);
  }
  settings.emplace_back("whyclip", WHYCLIP_VERSION);
  return settings;
}

}  // namespace

void ExplanationOptions::add_classifier_to(Command& command) {
  command.add_option("image", path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  target.add_to(command);
  rules.add_to(command);
}

void ExplanationOptions::add_model_to(Command& command) {
  model.add_to(command);
  image.add_to(command);
}

std::string_view quantity(const Contributions& c) { return quantity_of(c.target_kind); }

std::string score_text(const Contributions& c) {
  if (quantity(c) == "feature") return fmt::format("{:+.4f}", c.logit);  // often below 1
  return c.target_kind == "contrast" ? fmt::format("{:+.2f}", c.logit)
                                     : fmt::format("{:.2f}", c.logit);
}

std::string Explanation::headline() const {
  if (quantity(sources()) == "feature") {
    return fmt::format("What makes {} {} in {}?", one_line(target.name), score_text(sources()),
                       one_line(shown_name(path)));
  }
  return fmt::format("Why did CLIP score {} {} for “{}”?", one_line(shown_name(path)),
                     score_text(sources()), one_line(target.name));
}

std::string Explanation::stem() const { return file_stem(name, path, target.name); }

std::string group_of(const std::string& trace_point) {
  constexpr std::string_view kBlocks = "vision.blocks.";
  if (!trace_point.starts_with(kBlocks)) {
    return trace_point == "vision.ln_pre" ? "before the blocks" : "after the blocks";
  }
  const std::size_t end = trace_point.find('.', kBlocks.size());
  return "block " + trace_point.substr(kBlocks.size(), end - kBlocks.size());
}

namespace {

/// Tries the map against random orders, and its rules on noisy images.
Certificate certificate_of(const ExplanationOptions& options, const Explanation& e) {
  ExplanationContext context(e.clip, e.prepared, e.target, &e.zero_shot);
  const auto again = [&](const Preprocessed& image) {
    const RecordedImage recorded(e.clip, image);
    return attribute(recorded, {&e.target, 1}, e.rules, options.rules.policies()).at(0).patches;
  };
  ClaimedMap map{.patches = e.sources().patches, .again = again};
  if (e.sources().in_logits) map.residual = e.sources().residual;
  return certify(context, map, {}, progress_bar());
}

}  // namespace

Explanation make_explanation(const ExplanationOptions& options) {
  std::vector<std::string> warnings;
  const DecodeOptions decode = options.image.decode(&warnings);
  RuleSet rules = find_rule_set(options.rules.rules);
  Image source = load_image(options.path, decode);
  Explanation e{.clip = options.model.open(),
                .path = options.path,
                .name = options.name,
                .source = std::move(source),
                .prepared = {},
                .zero_shot = {},
                .scores = {},
                .target = {},
                .rules = std::move(rules),
                .recorded = nullptr,
                .ledger = {},
                .settings = {},
                .notes = {}};
  announce(e.clip, options.model);
  e.prepared = prepare(e.clip, e.source, options.path, options.image.view());
  e.zero_shot = options.target.make_classifier(e.clip);
  e.recorded = std::make_unique<RecordedImage>(e.clip, e.prepared);
  e.scores = score(e.clip, e.zero_shot, e.recorded->embedding());
  e.target = options.target.choose(e.clip, e.zero_shot, e.scores, e.recorded->embedding());
  e.ledger = take_apart(*e.recorded, e.target, e.rules, options.rules.policies(), options.balances);
  e.settings = settings_of(options, e);
  e.notes = notes_of(e.clip, e.zero_shot, e.target);
  e.notes.insert(e.notes.end(), warnings.begin(), warnings.end());
  if (!e.sources().in_logits) {
    e.notes.push_back(
        fmt::format("The map of {} is the same whatever is asked, and its values are "
                    "not logits.",
                    e.rules.name));
  }
  if (options.certify) e.certificate = certificate_of(options, e);
  if (interrupted()) throw Cancelled("explain");
  return e;
}

}  // namespace whyclip::cli
