#include "whyclip/methods/tis.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/game.h"
#include "whyclip/methods/k_means.h"
#include "whyclip/methods/occlusion.h"

namespace whyclip {
namespace {

void note_uncovered_patches(std::span<const PatchSet> masks, int patches, Attribution& result) {
  PatchSet kept;
  for (const PatchSet& mask : masks) kept.insert(kept.end(), mask.begin(), mask.end());
  std::ranges::sort(kept);
  const auto covered = std::unique(kept.begin(), kept.end()) - kept.begin();
  if (covered == patches) return;
  result.notes.push_back(
      fmt::format("{} of {} patches are in no mask and have the mean value of all masks",
                  patches - covered, patches));
}

Attribution run_tis(ExplanationContext& context, const MethodSettings& settings,
                    const Progress& progress) {
  const Tensor points = channels_by_patch(context.all_rows(), block_count(context));
  const int requested = settings.count("masks"), patches = context.patches(),
            clusters = int(std::min<std::int64_t>(requested, points.rows()));
  const Clusters found = k_means(points, {.clusters = clusters,
                                          .seed = seed_of(settings),
                                          .threads = context.workspace().threads(),
                                          .progress = progress});
  const std::vector<PatchSet> masks =
      tis_masks(found.centres, std::max(1, int(settings.number("ratio") * patches)));
  const std::vector<double> values = context.values_keeping(masks, fill_of(settings), progress);
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
  Attribution result{.patches = mean_over_windows(masks, values, patches, mean)};
  if (settings.word("variant") == "centred") {
    for (float& value : result.patches) value = float(double(value) - mean);
  }
  if (clusters < requested) {
    result.notes.push_back(fmt::format("{} masks, one per channel of the blocks", clusters));
  }
  note_uncovered_patches(masks, patches, result);
  return result;
}

}  // namespace

Tensor channels_by_patch(const Record& record, int blocks) {
  const Tensor& last = record.at(block_scope(blocks - 1) + "resid_post");
  const std::int64_t width = last.width(), patches = last.rows() - 1;
  Tensor points(blocks * width, patches);
  for (int b = 0; b < blocks; ++b) {
    const Tensor& tokens = record.at(block_scope(b) + "resid_post");
    for (std::int64_t p = 0; p < patches; ++p) {
      const std::span<const float> token = tokens.row(p + 1);
      for (std::int64_t k = 0; k < width; ++k) {
        points.row(b * width + k)[std::size_t(p)] = token[std::size_t(k)];
      }
    }
  }
  return points;
}

std::vector<PatchSet> tis_masks(const Tensor& centres, int kept) {
  std::vector<PatchSet> masks;
  for (std::int64_t m = 0; m < centres.rows(); ++m) {
    const std::span<const float> centre = centres.row(m);
    PatchSet order = full_coalition(int(centre.size()));
    std::ranges::stable_sort(
        order, [&](int a, int b) { return centre[std::size_t(a)] > centre[std::size_t(b)]; });
    order.resize(std::size_t(kept));
    std::ranges::sort(order);
    masks.push_back(std::move(order));
  }
  return masks;
}

Method tis_method() {
  return {{.name = "tis",
           .family = MethodFamily::kPerturbation,
           .summary = "mean target value over masks that keep a patch, minus the mean over all "
                      "masks; masks are clusters of token channels",
           .reference = "Englebert et al., Explaining through Transformer Input Sampling, 2023, "
                        "and the authors' code; the target's value instead of a class probability, "
                        "no min-max normalisation; centred unless variant=published",
           .cost = "F + k-means + masks · F with a fraction “ratio” of the tokens",
           .is_signed = true,
           .complete = false,
           .in_logits = true,
           .options = {MethodOption::count("masks",
                                           "number of masks: clusters of the channels of all "
                                           "blocks, at most the number of channels",
                                           1024, 1, 1000000)
                           .with_quick("64"),
                       MethodOption::number("ratio", "fraction of patches that a mask keeps", 0.5,
                                            0.001, 1),
                       seed_option(), fill_option(),
                       MethodOption::choice(
                           "variant",
                           "centred: subtract the mean value of all masks; published: do not",
                           {"centred", "published"})}},
          run_tis};
}

}  // namespace whyclip
