#include "whyclip/methods/banzhaf.h"

#include "tests/support/errors.h"
#include "tests/unit/methods/games.h"

namespace whyclip {
namespace banzhaf_test {

using testing::error_of;
using testing::mentions;
using testing::near;

constexpr double kRounding = 1e-12;

TEST(Banzhaf, IsExactIfSamplesCoverAllCoalitions) {
  const GameContributions contributions = banzhaf(8, {.samples = 256}, testing::random_game(8));
  EXPECT_TRUE(
      near(contributions.players, testing::banzhaf_by_sets(8, testing::random_game(8)), kRounding));
  EXPECT_TRUE(contributions.errors.empty());
}

TEST(Banzhaf, OfAUnanimityGameIsHalvedByEachFurtherMember) {
  EXPECT_TRUE(near(banzhaf(6, {.samples = 64}, testing::unanimity_game({1, 2, 5})).players,
                   std::vector<double>{0, 0.25, 0.25, 0, 0, 0.25}, kRounding));
}

// 300 seeds of 10 values determine a mean square to 3 %; the tolerance is four times that.
TEST(Banzhaf, SamplingErrorMatchesTheStandardErrorAndFallsWithTheSquareRoot) {
  constexpr int kSeeds = 300;
  const ValueFunction game = testing::random_game(10);
  const std::vector<double> exact = testing::banzhaf_by_sets(10, game);
  const auto error = [&](int samples, bool estimated) {
    double sum = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const GameContributions contributions = banzhaf(10, {.samples = samples, .seed = seed}, game);
      sum += estimated ? testing::mean_square(contributions.errors, std::vector<double>(10, 0.0))
                       : testing::mean_square(contributions.players, exact);
    }
    return sum / kSeeds;
  };
  EXPECT_NEAR(std::sqrt(error(100, false) / error(400, false)), 2, 0.24);
  EXPECT_NEAR(error(400, true) / error(400, false), 1, 0.12);
}

TEST(Banzhaf, RejectsSamplesInWhichAPlayerIsAlwaysOrNeverPresent) {
  EXPECT_TRUE(mentions(error_of([] { banzhaf(12, {.samples = 1}, testing::additive_game()); }),
                       {"banzhaf: samples", "region 0", "of 1 coalitions"}));
}

TEST(Banzhaf, IsDeterministicForASeed) {
  const auto contributions = [](std::uint64_t seed) {
    return banzhaf(10, {.samples = 100, .seed = seed}, testing::random_game(10)).players;
  };
  EXPECT_EQ(contributions(3), contributions(3));
  EXPECT_NE(contributions(3), contributions(4));
}

}  // namespace banzhaf_test
}  // namespace whyclip
