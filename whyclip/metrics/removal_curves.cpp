#include "whyclip/metrics/removal_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"

namespace whyclip {
namespace {

PatchSet kept_after(std::span<const int> order, int removed) {
  PatchSet kept(order.begin() + removed, order.end());
  std::ranges::sort(kept);
  return kept;
}

/// The class with the largest score.
int predicted_class(const ZeroShot& zero_shot, std::span<const float> embedding) {
  int best = 0;
  double most = 0;
  for (std::int64_t c = 0; c < zero_shot.class_embeddings.rows(); ++c) {
    const std::span<const float> direction = zero_shot.class_embeddings.row(c);
    const double value =
        std::inner_product(direction.begin(), direction.end(), embedding.begin(), 0.0);
    if (c == 0 || value > most) {
      best = int(c);
      most = value;
    }
  }
  return best;
}

}  // namespace

std::vector<int> relevance_order(std::span<const float> map) {
  std::vector<int> order(map.size(), 0);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(map.size());
  shuffle(random, order);
  std::ranges::stable_sort(order,
                           [&](int a, int b) { return map[std::size_t(a)] > map[std::size_t(b)]; });
  return order;
}

std::vector<int> removed_at_steps(int patches, int steps) {
  if (steps < 1 || steps > patches) {
    throw Error("steps", fmt::format("expected 1 to {} (the patches), got {}", patches, steps));
  }
  std::vector<int> removed;
  for (int step = 0; step <= steps; ++step) {
    removed.push_back((2 * step * patches + steps) / (2 * steps));
  }
  return removed;
}

RemovalCurves removal_curves(ExplanationContext& context, std::span<const float> map, Fill fill,
                             int steps, std::optional<int> class_index, const Progress& progress) {
  const std::vector<float> one(map.begin(), map.end());
  return removal_curves(context, {&one, 1}, fill, steps, class_index, progress)[0];
}

std::vector<RemovalCurves> removal_curves(ExplanationContext& context,
                                          std::span<const std::vector<float>> maps, Fill fill,
                                          int steps, std::optional<int> class_index,
                                          const Progress& progress) {
  const std::vector<int> removed = removed_at_steps(context.patches(), steps);
  std::vector<PatchSet> kept;
  for (const std::vector<float>& map : maps) {
    std::vector<int> order = relevance_order(map);
    for (const int count : removed) kept.push_back(kept_after(order, count));
    std::ranges::reverse(order);
    for (const int count : removed) kept.push_back(kept_after(order, count));
  }
  const Tensor found = context.embeddings_keeping(kept, fill, progress);
  std::vector<RemovalCurves> all(maps.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    RemovalCurves& curves = all[i / (2 * removed.size())];
    const bool most_first = i / removed.size() % 2 == 0;
    RemovalCurve& curve = most_first ? curves.most_first : curves.least_first;
    const std::span<const float> embedding = found.row(std::int64_t(i));
    curve.score.push_back(target_value(context.target(), embedding));
    if (class_index && context.zero_shot() != nullptr) {
      curve.correct.push_back(predicted_class(*context.zero_shot(), embedding) == *class_index ? 1
                                                                                               : 0);
    }
  }
  return all;
}

double area_under(std::span<const double> curve) {
  if (curve.size() < 2) throw Error("curve", "expected at least two values");
  double sum = 0.5 * (curve.front() + curve.back());
  for (std::size_t i = 1; i + 1 < curve.size(); ++i) sum += curve[i];
  return sum / double(curve.size() - 1);
}

}  // namespace whyclip
