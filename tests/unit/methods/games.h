#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "whyclip/core/random.h"
#include "whyclip/methods/game.h"

// Games with known or brute-force solutions.

namespace whyclip::testing {

using OneValue = std::function<double(const Coalition&)>;

inline ValueFunction each(OneValue value) {
  return [value](std::span<const Coalition> sets) {
    std::vector<double> values;
    for (const Coalition& set : sets) values.push_back(value(set));
    return values;
  };
}

/// 5 + the sum of the players' values 1, −2, 3, −4, …
inline double player_value(int player) { return (player % 2 == 0 ? 1 : -1) * (player + 1.0); }
inline ValueFunction additive_game() {
  return each([](const Coalition& set) {
    double sum = 5;
    for (const int i : set) sum += player_value(i);
    return sum;
  });
}

/// 1 if the coalition contains `needed`, otherwise 0.
inline ValueFunction unanimity_game(Coalition needed) {
  return each(
      [needed](const Coalition& set) { return std::ranges::includes(set, needed) ? 1.0 : 0.0; });
}

/// additive_game plus i·j − 3 for each pair of players.
inline double pair_value(int i, int j) { return i * j - 3.0; }
inline ValueFunction pairs_game() {
  return each([](const Coalition& set) {
    double sum = 5;
    for (const int i : set) {
      sum += player_value(i);
      for (const int j : set) sum += i < j ? pair_value(i, j) : 0.0;
    }
    return sum;
  });
}

/// A normally distributed value for each coalition.
inline ValueFunction random_game(int players, std::uint64_t seed = 1) {
  return each([values = normal_values(seed, 0, std::size_t{1} << players)](const Coalition& set) {
    std::size_t position = 0;
    for (const int i : set) position += std::size_t{1} << i;
    return values[position];
  });
}

inline Coalition with(Coalition set, int player) {
  set.insert(std::ranges::lower_bound(set, player), player);
  return set;
}

/// Shapley values as the mean marginal contribution over all permutations.
inline std::vector<double> shapley_by_orders(int players, const ValueFunction& values) {
  const auto value = [&](const Coalition& set) { return values({&set, 1})[0]; };
  std::vector<int> order = full_coalition(players);
  std::vector<double> sum(std::size_t(players), 0.0);
  double orders = 0;
  do {
    Coalition set;
    for (const int i : order) {
      const Coalition more = with(set, i);
      sum[std::size_t(i)] += value(more) - value(set);
      set = more;
    }
    ++orders;
  } while (std::ranges::next_permutation(order).found);
  for (double& s : sum) s /= orders;
  return sum;
}

/// Banzhaf values as the mean marginal contribution over all coalitions of the others.
inline std::vector<double> banzhaf_by_sets(int players, const ValueFunction& values) {
  std::vector<double> result;
  for (int i = 0; i < players; ++i) {
    double sum = 0, count = 0;
    for (const Coalition& set : all_coalitions(players)) {
      if (std::ranges::binary_search(set, i)) continue;
      const std::vector<Coalition> two{set, with(set, i)};
      const std::vector<double> value = values(two);
      sum += value[1] - value[0];
      ++count;
    }
    result.push_back(sum / count);
  }
  return result;
}

inline double mean_square(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum / double(a.size());
}

inline ::testing::AssertionResult near(std::span<const double> a, std::span<const double> b,
                                       double tolerance) {
  if (a.size() != b.size()) return ::testing::AssertionFailure() << a.size() << " and " << b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= tolerance)) {
      return ::testing::AssertionFailure() << a[i] << " and " << b[i] << " at " << i;
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace whyclip::testing
