#include "bench/table_rows.h"

#include <algorithm>
#include <random>

#include "whyclip/article/published_method.h"
#include "whyclip/methods/rule_sets.h"

namespace whyclip::bench {
namespace {

ValueContributions contributions_of(const Contributions& contributions) {
  ValueContributions result{{contributions.patches.begin(), contributions.patches.end()},
                            {contributions.class_token, contributions.position_embedding}};
  for (const Contribution& bias : contributions.biases) result.others.push_back(bias.contribution);
  return result;
}

TableRow row_of(const RuleSet& set) {
  return {.name = set.name,
          .contributions =
              [set](const RecordedImage& recorded, std::span<const Target> targets) {
                std::vector<ValueContributions> results;
                for (const Contributions& c : attribute(recorded, targets, set)) {
                  results.push_back(contributions_of(c));
                }
                return results;
              },
          .only_ranks = set.direction == Direction::kAggregation};
}

std::vector<ValueContributions> published(const RecordedImage& recorded,
                                          std::span<const Target> targets) {
  std::vector<ValueContributions> results;
  for (const Contributions& c : published_contributions(recorded, targets)) {
    results.push_back(contributions_of(c));
  }
  return results;
}

/// Patches in random order, new for each target: the uninformed baseline.
class RandomRanking {
 public:
  std::vector<ValueContributions> operator()(const RecordedImage& recorded,
                                             std::span<const Target> targets) {
    std::vector<ValueContributions> results(targets.size());
    for (ValueContributions& contributions : results) {
      for (int p = 0; p < recorded.grid().rows * recorded.grid().columns; ++p) {
        contributions.patches.push_back(double(random_()));
      }
    }
    return results;
  }

 private:
  std::mt19937_64 random_{20240229};
};

/// Higher values closer to the image's centre: the baseline that knows only the usual position of
/// things.
std::vector<ValueContributions> middle_first(const RecordedImage& recorded,
                                             std::span<const Target> targets) {
  ValueContributions contributions;
  for (int row = 0; row < recorded.grid().rows; ++row) {
    for (int column = 0; column < recorded.grid().columns; ++column) {
      const double y = row - 0.5 * (recorded.grid().rows - 1),
                   x = column - 0.5 * (recorded.grid().columns - 1);
      contributions.patches.push_back(-x * x - y * y);
    }
  }
  return std::vector<ValueContributions>(targets.size(), contributions);
}

/// The rows that are not rule sets.
std::vector<TableRow> other_rows() {
  return {{.name = "published", .contributions = published, .slow = true},
          {.name = "random-ranking", .contributions = RandomRanking(), .only_ranks = true},
          {.name = "middle-first", .contributions = middle_first, .only_ranks = true}};
}

}  // namespace

std::vector<TableRow> table_rows() {
  std::vector<TableRow> rows;
  for (const RuleSet& set : rule_sets()) rows.push_back(row_of(set));
  for (TableRow& row : other_rows()) rows.push_back(std::move(row));
  return rows;
}

std::vector<TableRow> table_rows(const std::vector<std::string>& names) {
  if (names.empty()) return table_rows();
  const std::vector<TableRow> known = other_rows();
  std::vector<TableRow> rows;
  for (const std::string& name : names) {
    const auto other = std::ranges::find(known, name, &TableRow::name);
    rows.push_back(other != known.end() ? *other : row_of(find_rule_set(name)));
  }
  return rows;
}

}  // namespace whyclip::bench
