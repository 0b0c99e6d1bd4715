#include "whyclip/metrics/average_precision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "whyclip/core/error.h"

namespace whyclip {

double average_precision(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  if (scores.empty() || scores.size() != positive.size()) {
    throw Error("average precision", fmt::format("expected as many labels as scores, got {} and {}",
                                                 positive.size(), scores.size()));
  }
  std::vector<std::pair<float, std::uint8_t>> ranked;
  ranked.reserve(scores.size());
  std::size_t positives = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    ranked.emplace_back(scores[i], positive[i]);
    positives += positive[i];
  }
  if (positives == 0) return 0;
  std::ranges::sort(ranked, [](const auto& a, const auto& b) { return a.first > b.first; });
  double sum = 0;
  std::size_t found = 0, found_before = 0;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    found += ranked[i].second;
    if (i + 1 < ranked.size() && ranked[i + 1].first == ranked[i].first) continue;
    sum += double(found - found_before) * double(found) / double(i + 1);
    found_before = found;
  }
  return sum / double(positives);
}

}  // namespace whyclip
