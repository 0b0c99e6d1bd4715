#include "whyclip/methods/occlusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "whyclip/core/error.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/game.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {
namespace {

/// The first patches of the windows along one axis.
std::vector<int> starts(int length, int size, int stride) {
  std::vector<int> result;
  for (int at = 0; at < length - size; at += stride) result.push_back(at);
  result.push_back(length - size);
  return result;
}

/// The decrease of the target's value when each window is removed.
std::vector<double> losses(ExplanationContext& context, std::span<const std::vector<int>> windows,
                           Fill fill, const Progress& progress) {
  const PatchSet whole = full_coalition(context.patches());
  std::vector<PatchSet> kept{whole};
  for (const PatchSet& window : windows) {
    kept.emplace_back();
    std::ranges::set_difference(whole, window, std::back_inserter(kept.back()));
  }
  const std::vector<double> values = context.values_keeping(kept, fill, progress);
  std::vector<double> result;
  for (std::size_t w = 1; w < values.size(); ++w) result.push_back(values[0] - values[w]);
  return result;
}

Attribution occlude(ExplanationContext& context, const MethodSettings& settings,
                    const Progress& progress) {
  const Fill fill = fill_of(settings);
  if (context.regions()) {
    std::vector<std::vector<int>> regions;
    for (const Region& region : context.regions()->regions) regions.push_back(region.patches);
    return {.patches = spread(*context.regions(), losses(context, regions, fill, progress),
                              Spread::kEvenly)};
  }
  const auto windows =
      sliding_windows(context.grid(), settings.count("size"), settings.count("stride"));
  return {.patches = mean_over_windows(windows, losses(context, windows, fill, progress),
                                       context.patches())};
}

/// The decrease of the value when each word is removed.
WordAttribution occlude_words(PromptContext& prompt, const MethodSettings&,
                              const Progress& progress) {
  const std::vector<WordSet> kept = each_removed(int(prompt.words().size()));
  WordAttribution result;
  for (const double value : prompt.values_keeping(kept, progress)) {
    result.words.push_back(prompt.value() - value);
  }
  return result;
}

}  // namespace

std::vector<std::vector<int>> sliding_windows(const PatchGrid& grid, int size, int stride) {
  const int shorter = std::min(grid.rows, grid.columns);
  if (size > shorter) {
    throw Error(
        "occlusion: size",
        fmt::format("expected at most {} patches, the shorter side of the grid of {} × {}, got {}",
                    shorter, grid.rows, grid.columns, size));
  }
  if (stride > size) {
    throw Error("occlusion: stride",
                fmt::format("expected at most the size, {}, so that every patch is covered, got {}",
                            size, stride));
  }
  std::vector<std::vector<int>> windows;
  for (const int top : starts(grid.rows, size, stride)) {
    for (const int left : starts(grid.columns, size, stride)) {
      windows.emplace_back();
      for (int r = top; r < top + size; ++r) {
        for (int c = left; c < left + size; ++c) windows.back().push_back(r * grid.columns + c);
      }
    }
  }
  return windows;
}

std::vector<float> mean_over_windows(std::span<const std::vector<int>> windows,
                                     std::span<const double> effects, int patches,
                                     double otherwise) {
  std::vector<double> sum(std::size_t(patches), 0.0);
  std::vector<int> count(std::size_t(patches), 0);
  for (std::size_t w = 0; w < windows.size(); ++w) {
    for (const int patch : windows[w]) {
      sum[std::size_t(patch)] += effects[w];
      ++count[std::size_t(patch)];
    }
  }
  std::vector<float> mean;
  for (std::size_t p = 0; p < sum.size(); ++p) {
    mean.push_back(float(count[p] == 0 ? otherwise : sum[p] / count[p]));
  }
  return mean;
}

Method occlusion_method() {
  return {{.name = "occlusion",
           .family = MethodFamily::kPerturbation,
           .summary = "decrease of the target when a sliding window of patches is removed, mean "
                      "over the windows of a patch",
           .reference =
               "Zeiler and Fergus 2014, section 4.2, with tokens removed instead of a grey square",
           .cost = "windows · F",
           .is_signed = true,
           .complete = false,
           .in_logits = true,
           .by_regions = true,
           .options = {MethodOption::count("size", "window side in patches", 1, 1, 64),
                       MethodOption::count("stride", "window stride in patches", 1, 1, 64),
                       fill_option()}},
          occlude,
          occlude_words};
}

}  // namespace whyclip
