#include "bench/rule_sets.h"

#include <algorithm>
#include <random>

#include "whyclip/attribution/contributions.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/rules/propagate.h"

namespace whyclip::bench {
namespace {

std::vector<ValueShares> frozen_gain_shares(const RecordedImage& image,
                                            std::span<const Target> targets) {
  std::vector<ValueShares> results;
  for (const Contributions& c : contributions(image, targets)) {
    ValueShares shares{{c.patches.begin(), c.patches.end()}, {c.class_token, c.position_embedding}};
    for (const Share& bias : c.biases) shares.others.push_back(bias.share);
    results.push_back(std::move(shares));
  }
  return results;
}

/// The true gradient, norm of the embedding included, times each patch's embedding and each of the
/// network's own parameters that add to it.
std::vector<ValueShares> gradient_times_input(const RecordedImage& image,
                                              std::span<const Target> targets) {
  constexpr std::string_view kReadout = "vision.normalized", kPatches = "vision.patches";
  const Tensor& patches = image.record().at(kPatches);
  const auto count = std::int64_t(targets.size());
  Tensor seed(count, std::int64_t(image.embedding().size()));
  for (std::int64_t t = 0; t < count; ++t) {
    std::ranges::copy(targets[std::size_t(t)].direction, seed.row(t).begin());
  }
  const Walk walk = propagate(image.workspace(), image.record(), gradient_rules(), kReadout,
                              std::move(seed), {kPatches});
  const Tensor& gradient = walk.gradients.find(kPatches)->second;
  std::vector<ValueShares> results(targets.size());
  for (std::int64_t row = 0; row < gradient.rows(); ++row) {
    results[std::size_t(row / patches.rows())].patches.push_back(kernels::dot(
        gradient.row(row).data(), patches.row(row % patches.rows()).data(), patches.width()));
  }
  for (const OffsetShares& offset : walk.offsets) {
    for (std::size_t t = 0; t < results.size(); ++t) {
      results[t].others.push_back(offset.shares[t]);
    }
  }
  return results;
}

/// Patches in an order drawn by lot, anew for each target: what knowing nothing gives.
class RandomRanking {
 public:
  std::vector<ValueShares> operator()(const RecordedImage& image, std::span<const Target> targets) {
    std::vector<ValueShares> results(targets.size());
    for (ValueShares& shares : results) {
      for (int p = 0; p < image.grid().rows * image.grid().columns; ++p) {
        shares.patches.push_back(double(random_()));
      }
    }
    return results;
  }

 private:
  std::mt19937_64 random_{20240229};
};

/// The nearer to the picture's middle, the more: what knowing where things usually are gives.
std::vector<ValueShares> middle_first(const RecordedImage& image, std::span<const Target> targets) {
  ValueShares shares;
  for (int row = 0; row < image.grid().rows; ++row) {
    for (int column = 0; column < image.grid().columns; ++column) {
      const double y = row - 0.5 * (image.grid().rows - 1),
                   x = column - 0.5 * (image.grid().columns - 1);
      shares.patches.push_back(-x * x - y * y);
    }
  }
  return std::vector<ValueShares>(targets.size(), shares);
}

}  // namespace

std::vector<RuleSet> rule_sets() {
  return {
      {"contributions (frozen gains)", frozen_gain_shares},
      {"gradient × input", gradient_times_input},
      {"random ranking", RandomRanking(), /*only_ranks=*/true},
      {"middle of the picture first", middle_first, /*only_ranks=*/true},
  };
}

}  // namespace whyclip::bench
