#include "whyclip/methods/submodular.h"

#include <cmath>
#include <numbers>

#include "tests/unit/attribution/tiny.h"
#include "tests/unit/methods/games.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace submodular_test {

using testing::additive_game;
using testing::random_game;

constexpr int kPlayers = 7;

/// Distances between unevenly spaced points on a line.
std::vector<double> distances() {
  const double positions[kPlayers] = {0, 0.1, 0.5, 0.55, 0.9, 1.4, 1.45};
  std::vector<double> result;
  for (const double a : positions) {
    for (const double b : positions) result.push_back(std::abs(a - b));
  }
  return result;
}

/// F of the paper, term by term, for a set as a bit mask.
class PlainObjective {
 public:
  PlainObjective(SubmodularOptions options, ValueFunction values)
      : options_(std::move(options)), values_(std::move(values)) {}

  double operator()(unsigned set) const { return model(set) + diversity(set); }
  double model(unsigned set) const {
    constexpr unsigned kAll = (1U << kPlayers) - 1;
    return options_.consistency * value(set) + options_.collaboration * (1 - value(kAll & ~set));
  }
  double diversity(unsigned set) const {
    const std::vector<double> d = distances();
    double sum = 0;
    for (unsigned i = 0; i < kPlayers; ++i) {
      double nearest = 1e9;
      for (unsigned j = 0; j < kPlayers; ++j) {
        const bool both = (set >> i & 1U) != 0 && (set >> j & 1U) != 0;
        if (both && i != j) nearest = std::min(nearest, d[i * kPlayers + j]);
      }
      if (nearest < 1e9) sum += nearest;
    }
    return options_.effectiveness * sum;
  }

 private:
  double value(unsigned set) const {
    Coalition players;
    for (int i = 0; i < kPlayers; ++i) {
      if ((set >> i & 1U) != 0) players.push_back(i);
    }
    return values_({&players, 1})[0];
  }

  SubmodularOptions options_;
  ValueFunction values_;
};

/// The players that are not in the set.
std::vector<int> remaining(unsigned set) {
  std::vector<int> result;
  for (int i = 0; i < kPlayers; ++i) {
    if ((set >> i & 1U) == 0) result.push_back(i);
  }
  return result;
}

template <class Key>
int best_of(const std::vector<int>& players, Key key) {
  return *std::ranges::max_element(players, {}, key);
}

std::vector<int> plain_greedy(const PlainObjective& f) {
  std::vector<int> order;
  unsigned set = 0;
  while (order.size() < kPlayers) {
    order.push_back(best_of(remaining(set), [&](int i) { return f(set | 1U << i); }));
    set |= 1U << order.back();
  }
  return order;
}

TEST(SubmodularOrder, GreedySearchAddsTheBestRegion) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const SubmodularOptions options{.search = SubmodularSearch::kGreedy, .effectiveness = 2};
    const ValueFunction game = random_game(kPlayers, seed);
    EXPECT_EQ(submodular_order(kPlayers, distances(), options, game).players,
              plain_greedy(PlainObjective(options, game)));
  }
}

std::vector<int> plain_bidirectional(const PlainObjective& f, int pending) {
  std::vector<int> front, back;
  unsigned first = 0, last = 0;
  while (front.size() + back.size() < kPlayers) {
    const std::vector<int> candidates = remaining(first | last);
    const int best = best_of(candidates, [&](int i) { return f(first | 1U << i); });
    if (int(candidates.size()) > pending) {
      std::vector<std::pair<double, int>> scores;
      for (const int i : candidates) {
        scores.emplace_back(f.model(first | 1U << i) + f.diversity(last | 1U << i), i);
      }
      std::ranges::sort(scores);
      std::vector<int> worst;
      for (int i = 0; i < pending; ++i) {
        if (scores[std::size_t(i)].second != best) worst.push_back(scores[std::size_t(i)].second);
      }
      back.push_back(best_of(worst, [&](int i) { return -f(last | 1U << i); }));
      last |= 1U << back.back();
    }
    front.push_back(best);
    first |= 1U << best;
  }
  front.insert(front.end(), back.rbegin(), back.rend());
  return front;
}

TEST(SubmodularOrder, BidirectionalSearchFillsTheOrderFromBothEnds) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    for (const int pending : {2, 3, 9}) {
      const SubmodularOptions options{.pending = pending, .effectiveness = 2};
      const ValueFunction game = random_game(kPlayers, seed);
      EXPECT_EQ(submodular_order(kPlayers, distances(), options, game).players,
                plain_bidirectional(PlainObjective(options, game), pending))
          << seed << ", " << pending;
    }
  }
}

TEST(SubmodularOrder, OfAnAdditiveGameIsTheOrderOfThePlayersValues) {
  // Values 1, −2, 3, −4, 5, −6, 7: both v(S) and 1 − v(V ∖ S) increase by the value of a region.
  const std::vector<int> expected{6, 4, 2, 0, 1, 3, 5};
  for (const auto search : {SubmodularSearch::kBidirectional, SubmodularSearch::kGreedy}) {
    const RegionOrder order = submodular_order(
        kPlayers, distances(),
        {.search = search, .pending = 2, .effectiveness = 0, .consistency = 3}, additive_game());
    EXPECT_EQ(order.players, expected);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(order.gains[i], 4 * testing::player_value(expected[i]), 1e-12);
    }
  }
}

TEST(SubmodularOrder, GainsAddUpToTheObjectiveOfAllRegions) {
  const SubmodularOptions options{.effectiveness = 2};
  const ValueFunction game = random_game(kPlayers);
  const PlainObjective f(options, game);
  double sum = 0;
  for (const double gain : submodular_order(kPlayers, distances(), options, game).gains)
    sum += gain;
  EXPECT_NEAR(sum, f((1U << kPlayers) - 1) - f(0), 1e-12);
}

TEST(SubmodularOrder, PrefersDissimilarRegions) {
  // All values are equal: after the first region, the farthest is added.
  const auto zero_game = testing::each([](const Coalition&) { return 0.0; });
  const std::vector<int> order =
      submodular_order(kPlayers, distances(), {.search = SubmodularSearch::kGreedy}, zero_game)
          .players;
  EXPECT_EQ(order[0], 0);
  EXPECT_EQ(order[1], 6);
}

TEST(Angles, AreArccosinesOverPi) {
  const Tensor rows = Tensor::from(3, 2, std::vector<float>{2, 0, 0, 3, -1, 1});
  EXPECT_TRUE(testing::near(angles(rows),
                            std::vector<double>{0, 0.5, 0.75, 0.5, 0, 0.25, 0.75, 0.25, 0},
                            1e-7));  // square root of the cosine's rounding
}

/// On the tiny model, with cosines to the target as values.
TEST(Submodular, GivesEachPatchItsRankOrItsGain) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context(clip, testing::tiny_image(8, 16), testing::tiny_targets()[0]);
  double squares = 0;
  for (const float d : context.target().direction) squares += double(d) * double(d);
  const ValueFunction cosines = [&](std::span<const Coalition> sets) {
    std::vector<double> values = context.values_keeping(sets);
    for (double& value : values) value /= std::sqrt(squares);
    return values;
  };
  std::vector<PatchSet> alone;
  for (int p = 0; p < 8; ++p) alone.push_back({p});
  const std::vector<double> d = angles(embeddings_keeping(clip, context.image(), alone));
  for (const std::string search : {"bidirectional", "greedy"}) {
    const RegionOrder order =
        submodular_order(8, d,
                         {.search = search == "greedy" ? SubmodularSearch::kGreedy
                                                       : SubmodularSearch::kBidirectional,
                          .pending = 3},
                         cosines);
    const Method& method = find_method("submodular");
    const auto map = [&](const char* kind) {
      return method
          .run(context,
               MethodSettings(method.info, {{"search", search}, {"pending", "3"}, {"map", kind}}),
               {})
          .patches;
    };
    const std::vector<float> ranks = map("rank"), gains = map("gain");
    for (std::size_t position = 0; position < 8; ++position) {
      const auto patch = std::size_t(order.players[position]);
      EXPECT_EQ(ranks[patch], float((8 - double(position)) / 8)) << search;
      EXPECT_NEAR(gains[patch], order.gains[position], 1e-7) << search;
    }
  }
}

// Weights as in the README of the authors' code. F(all) − F(∅), the sum of all gains, is linear in
// the weights.
TEST(Submodular, UsesTheWeightsOfTheOptions) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context(clip, testing::tiny_image(8, 16), testing::tiny_targets()[0]);
  double squares = 0;
  for (const float d : context.target().direction) squares += double(d) * double(d);
  PatchSet all;
  for (int p = 0; p < 8; ++p) all.push_back(p);
  const std::vector<double> values = context.values_keeping(std::vector<PatchSet>{{}, all});
  const double cosine = (values[1] - values[0]) / std::sqrt(squares);
  const Method& method = find_method("submodular");
  const auto gained = [&](const std::map<std::string, std::string>& weights) {
    std::map<std::string, std::string> options = weights;
    options["map"] = "gain";
    options["effectiveness"] = "0";
    double sum = 0;
    for (const float gain : method.run(context, MethodSettings(method.info, options), {}).patches) {
      sum += double(gain);
    }
    return sum;
  };
  // Sums of eight float32 values.
  EXPECT_NEAR(gained({}), 2 * cosine, 1e-6);
  EXPECT_NEAR(gained({{"consistency", "20"}}), 21 * cosine, 1e-5);
  EXPECT_NEAR(gained({{"consistency", "20"}, {"collaboration", "5"}}), 25 * cosine, 1e-5);
}

}  // namespace submodular_test
}  // namespace whyclip
