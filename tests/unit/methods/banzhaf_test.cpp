#include "whyclip/methods/banzhaf.h"

#include "tests/support/errors.h"
#include "tests/unit/methods/games.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::near;

constexpr double kRounding = 1e-12;

TEST(Banzhaf, OfAsManySamplesAsSetsIsExact) {
  const GameContributions contributions = banzhaf(8, {.samples = 256}, testing::rough_game(8));
  EXPECT_TRUE(
      near(contributions.players, testing::banzhaf_by_sets(8, testing::rough_game(8)), kRounding));
  EXPECT_TRUE(contributions.errors.empty());
}

TEST(Banzhaf, OfAUnanimityGameHalvesWithEachOneNeeded) {
  EXPECT_TRUE(near(banzhaf(6, {.samples = 64}, testing::unanimity_game({1, 2, 5})).players,
                   std::vector<double>{0, 0.25, 0.25, 0, 0, 0.25}, kRounding));
}

// 300 seeds of 10 numbers know a mean square to 3 %; four of that.
TEST(Banzhaf, ErrorOfSamplesIsWhatIsClaimedAndFallsWithTheirRoot) {
  constexpr int kSeeds = 300;
  const ValueFunction game = testing::rough_game(10);
  const std::vector<double> exact = testing::banzhaf_by_sets(10, game);
  const auto error = [&](int samples, bool claimed) {
    double sum = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const GameContributions contributions = banzhaf(10, {.samples = samples, .seed = seed}, game);
      sum += claimed ? testing::mean_square(contributions.errors, std::vector<double>(10, 0.0))
                     : testing::mean_square(contributions.players, exact);
    }
    return sum / kSeeds;
  };
  EXPECT_NEAR(std::sqrt(error(100, false) / error(400, false)), 2, 0.24);
  EXPECT_NEAR(error(400, true) / error(400, false), 1, 0.12);
}

TEST(Banzhaf, RefusesSetsThatAllHaveAPlayerOrAllLackIt) {
  EXPECT_TRUE(mentions(error_of([] { banzhaf(12, {.samples = 1}, testing::additive_game()); }),
                       {"banzhaf: samples", "of 1 sets region 0"}));
}

TEST(Banzhaf, DependsOnTheSeedAlone) {
  const auto contributions = [](std::uint64_t seed) {
    return banzhaf(10, {.samples = 100, .seed = seed}, testing::rough_game(10)).players;
  };
  EXPECT_EQ(contributions(3), contributions(3));
  EXPECT_NE(contributions(3), contributions(4));
}

}  // namespace
}  // namespace whyclip
