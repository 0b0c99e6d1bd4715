#include "bench/table_rows.h"

#include <algorithm>
#include <random>

#include "whyclip/attribution/rule_sets.h"

namespace whyclip::bench {
namespace {

ValueShares shares_of(const Contributions& contributions) {
  ValueShares result{{contributions.patches.begin(), contributions.patches.end()},
                     {contributions.class_token, contributions.position_embedding}};
  for (const Share& bias : contributions.biases) result.others.push_back(bias.share);
  return result;
}

TableRow row_of(const RuleSet& set) {
  return {.name = set.name,
          .shares =
              [set](const RecordedImage& image, std::span<const Target> targets) {
                std::vector<ValueShares> results;
                for (const Contributions& c : attribute(image, targets, set)) {
                  results.push_back(shares_of(c));
                }
                return results;
              },
          .only_ranks = set.direction == Direction::kAggregation,
          .slow = set.direction == Direction::kTracing};
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

std::vector<TableRow> baselines() {
  return {{.name = "random-ranking", .shares = RandomRanking(), .only_ranks = true},
          {.name = "middle-first", .shares = middle_first, .only_ranks = true}};
}

}  // namespace

std::vector<TableRow> table_rows() {
  std::vector<TableRow> rows;
  for (const RuleSet& set : rule_sets()) rows.push_back(row_of(set));
  for (TableRow& row : baselines()) rows.push_back(std::move(row));
  return rows;
}

std::vector<TableRow> table_rows(const std::vector<std::string>& names) {
  if (names.empty()) return table_rows();
  const std::vector<TableRow> known = baselines();
  std::vector<TableRow> rows;
  for (const std::string& name : names) {
    const auto baseline =
        std::ranges::find_if(known, [&](const TableRow& row) { return row.name == name; });
    rows.push_back(baseline != known.end() ? *baseline : row_of(find_rule_set(name)));
  }
  return rows;
}

}  // namespace whyclip::bench
