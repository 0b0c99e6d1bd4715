#include "whyclip/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/attribution/feature_target.h"
#include "whyclip/compare_words.h"
#include "whyclip/core/error.h"
#include "whyclip/core/memory.h"
#include "whyclip/image/image_regions.h"
#include "whyclip/image/parse_regions.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/perturbation/statistics.h"
#include "whyclip/perturbation/token_removal.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/scored_image.h"

namespace whyclip {
namespace {

std::vector<MethodWithSettings> chosen(const CompareOptions& options) {
  std::vector<MethodWithSettings> result;
  for (const Method* method : choose_methods(options.methods, options.words)) {
    const auto own = options.method_options.find(method->info.name);
    result.push_back({method, own == options.method_options.end()
                                  ? MethodSettings(method->info)
                                  : MethodSettings(method->info, own->second)});
  }
  return result;
}

/// Throws Error for a prompt without words.
void check_words(const Clip& clip, const ZeroShot& zero_shot, const Target& target) {
  constexpr std::size_t kStartAndEnd = 2;
  for (const PromptWeight& part : target.prompts) {
    const std::string& text = zero_shot.prompts[std::size_t(part.prompt)].text;
    if (clip.tokenize(text).tokens.size() > kStartAndEnd) continue;
    throw Error("words",
                fmt::format("the prompt \"{}\" is empty: it has no words to explain", text));
  }
}

std::optional<double> correlation(const std::vector<float>& a, const std::vector<float>& b) {
  return rank_correlation(std::vector<double>(a.begin(), a.end()),
                          std::vector<double>(b.begin(), b.end()));
}

void set_regions(const CompareOptions& options, const Image& image, ExplanationContext& context,
                 Comparison& c) {
  if (options.regions.empty()) return;
  const Regions regions =
      parse_regions(options.regions, image, labelled_view(image, context.image(), context.grid()),
                    {.drop_empty = options.drop_empty_regions});
  c.empty_regions = regions.dropped;
  c.regions.emplace();
  for (const Region& region : regions.regions) c.regions->push_back({region.name, region.patches});
  context.set_regions(regions);
}

/// What the target loses without each patch.
std::vector<float> removal_effects(ExplanationContext& context, const Progress& progress) {
  std::vector<float> effects;
  for (const double value : context.values_keeping(each_removed(context.patches()), progress)) {
    effects.push_back(float(context.value() - value));
  }
  return effects;
}

ComparedMethod compared(const MethodWithSettings& entry, ExplanationContext& context,
                        const Comparison& c, const Progress& progress) {
  const MethodInfo& info = entry.method->info;
  ComparedMethod result{.attribution = run(*entry.method, entry.settings, context, progress),
                        .summary = info.summary,
                        .reference = info.reference,
                        .cost = info.cost};
  if (!c.regions) return result;
  for (const ComparedRegion& region : *c.regions) {
    result.regions.push_back(result.attribution.region_value(region.patches));
  }
  return result;
}

/// Runs the methods one after the other, then those of words. Cancelled keeps what is finished.
void run_all(const std::vector<MethodWithSettings>& list, const CompareOptions& options,
             ExplanationContext& context, Comparison& c) {
  c.requested_methods = int(std::ranges::count_if(
      list, [](const MethodWithSettings& entry) { return bool(entry.method->run); }));
  try {
    for (const MethodWithSettings& entry : list) {
      if (!entry.method->run) continue;
      c.methods.push_back(compared(entry, context, c, options.progress));
    }
    if (options.words) c.words = compare_words(context, list, options.progress);
  } catch (const Cancelled&) {
    if (c.methods.empty()) throw;
    c.cancelled = true;
    c.notes.push_back(fmt::format("Interrupted: {} of {} methods are finished{}.", c.methods.size(),
                                  c.requested_methods, options.words ? ", the words are not" : ""));
  }
}

void correlate(Comparison& c) {
  for (ComparedMethod& method : c.methods) {
    const std::vector<float>& patches = method.attribution.patches;
    method.removal_correlation = correlation(patches, c.removal_effects);
    c.agreement.emplace_back();
    for (const ComparedMethod& other : c.methods) {
      c.agreement.back().push_back(correlation(patches, other.attribution.patches));
    }
  }
}

std::string headline_of(const Comparison& c) {
  const std::size_t count = std::max(c.methods.size(), c.words ? c.words->pairs.size() : 0);
  return fmt::format("Why did CLIP score {} {:.2f} for “{}”, by {} method{}?",
                     file_name(c.image.name), c.target.value, c.target.name, count,
                     count == 1 ? "" : "s");
}

Settings settings_of(const Comparison& c, const ExplanationContext& context) {
  return {{"model", c.model.name},
          {"target", fmt::format("{} “{}”", c.target.kind, c.target.name)},
          {"patch grid", fmt::format("{} × {}", c.image.grid.rows, c.image.grid.columns)},
          {"images with patches removed", fmt::format("{}", context.evaluations())},
          {"peak memory", fmt::format("{:.0f} MB", double(peak_memory()) / 1e6)},
          {"whyclip", version()}};
}

}  // namespace

std::string ComparedMethod::zero_note() const {
  const std::vector<float>& patches = attribution.patches;
  const bool zero = std::ranges::all_of(patches, [](float v) { return v == 0; });
  if (!zero || patches.empty()) return "";
  std::string text = "zero for every patch";
  for (const std::string& note : attribution.notes) text += "; " + note;
  return text;
}

Comparison compare(const Clip& clip, const Image& image, const CompareOptions& options) {
  const std::vector<MethodWithSettings> list = chosen(options);
  ScoredImage scored =
      score_image(clip, image, options.view, options.image_name, options.target, options.progress);
  if (options.words) check_words(clip, scored.zero_shot, scored.target);
  Comparison c;
  set_common_fields(common_fields(clip, image, options.view, options.image_name, scored), c);
  ExplanationContext context(clip, std::move(scored.prepared), std::move(scored.recorded),
                             std::move(scored.target), &scored.zero_shot);
  context.set_detail(options.ledger ? LedgerDetail::kSources : LedgerDetail::kNone);

  set_regions(options, image, context, c);
  if (options.removal) c.removal_effects = removal_effects(context, options.progress);
  run_all(list, options, context, c);
  correlate(c);
  c.headline = headline_of(c);
  c.settings = settings_of(c, context);
  return c;
}

}  // namespace whyclip
