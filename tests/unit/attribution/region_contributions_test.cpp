// The forward direction: one vector for each source, which serves every target.

#include "whyclip/attribution/region_contributions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/toons.h"
#include "tests/unit/attribution/tiny.h"

namespace whyclip {
namespace region_contributions_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

struct Case {
  ActivationKind activation;
  bool query_key;
};

/// All contributions of a backward pass, biases as one, in the order of the forward sources.
std::vector<float> contributions_backward(const Contributions& result) {
  std::vector<float> contributions = result.patches;
  contributions.push_back(float(result.class_token));
  contributions.push_back(float(result.position_embedding));
  double biases = 0;
  for (const Contribution& bias : result.biases) biases += bias.contribution;
  contributions.push_back(float(biases));
  return contributions;
}

std::vector<float> to_floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

class Forward : public ::testing::TestWithParam<Case> {
 protected:
  RuleTable rules() const {
    return GetParam().query_key ? query_key_rules() : contribution_rules();
  }
  RegionContributions forward(const RecordedImage& recorded, const Regions& regions,
                              const RegionContributionOptions& options = {}) const {
    return region_contributions(recorded, regions, rules(), options);
  }

  Clip clip = tiny_clip(GetParam().activation);
};

TEST_P(Forward, ContributionsEqualThoseOfTheBackwardPassForEveryTargetAndGrid) {
  for (const auto& [width, height] : {std::pair{16, 16}, {16, 36}, {64, 16}, {4, 4}}) {
    const RecordedImage recorded(clip, tiny_image(width, height));
    const RegionContributions result = forward(recorded, patch_regions(recorded.grid()));
    for (const Target& target : tiny_targets()) {
      const std::vector<float> expected =
          contributions_backward(contributions(recorded, {&target, 1}, rules())[0]);
      EXPECT_TRUE(all_close(to_floats(result.contributions(target.direction)), expected,
                            1e-4 * testing::largest(expected)))
          << width << " × " << height << " " << target.name;
    }
  }
}

TEST_P(Forward, VectorsAddUpToTheEmbedding) {
  for (const auto& [width, height] : {std::pair{16, 16}, {16, 36}, {64, 16}}) {
    const RecordedImage recorded(clip, tiny_image(width, height));

    EXPECT_LE(forward(recorded, patch_regions(recorded.grid())).completeness_error(), 1e-5);
    EXPECT_LE(forward(recorded, block_regions(recorded.grid(), 2, 3)).completeness_error(), 1e-5);
    EXPECT_TRUE(all_close(forward(recorded, patch_regions(recorded.grid())).embedding,
                          recorded.embedding(), 0));
  }
}

TEST_P(Forward, NamesRegionsThenTheOtherSources) {
  const RecordedImage recorded(clip, tiny_image(8, 4));
  const RegionContributions result = forward(recorded, patch_regions(recorded.grid()));

  EXPECT_EQ(result.method, rules().name);
  EXPECT_EQ(result.regions, 2);
  EXPECT_EQ(result.vectors.rows(), 5);
  EXPECT_EQ(result.names,
            (std::vector<std::string>{"r0c0", "r0c1", "class token", "positions", "biases"}));
}

TEST_P(Forward, BlocksAreTheSumsOfTheirPatches) {
  const RecordedImage recorded(clip, tiny_image(16, 36));
  const Regions blocks = block_regions(recorded.grid(), 3, 2);
  const RegionContributions of_blocks = forward(recorded, blocks),
                            of_patches = forward(recorded, patch_regions(recorded.grid()));
  std::vector<float> expected(std::size_t(of_blocks.vectors.width()) * blocks.regions.size(), 0);
  for (std::size_t b = 0; b < blocks.regions.size(); ++b) {
    for (const int patch : blocks.regions[b].patches) {
      for (std::size_t c = 0; c < 20; ++c) {
        expected[b * 20 + c] += of_patches.vectors.row(patch)[c];
      }
    }
  }

  EXPECT_TRUE(all_close(of_blocks.vectors.values().first(expected.size()), expected,
                        1e-5 * testing::largest(expected)));
  // The other sources do not depend on the regions.
  EXPECT_TRUE(all_close(of_blocks.vectors.values().last(60), of_patches.vectors.values().last(60),
                        1e-6 * testing::largest(expected)));
}

TEST_P(Forward, PatchesOfNoRegionAreMissing) {
  const RecordedImage recorded(clip, tiny_image());
  const Regions all = block_regions(recorded.grid(), 2, 2);
  const Regions some =
      make_regions(4, 4, {all.regions.begin(), all.regions.begin() + 3}, {.rest = false});
  const RegionContributions whole = forward(recorded, all), part = forward(recorded, some);

  EXPECT_GT(part.completeness_error(), 0.01);
  EXPECT_TRUE(all_close(part.vectors.values().first(60), whole.vectors.values().first(60), 1e-6));
}

TEST_P(Forward, NumbersDoNotDependOnTheSizeOfTheChunks) {
  const RecordedImage recorded(clip, tiny_image(16, 20));
  const Regions regions = patch_regions(recorded.grid());
  const RegionContributions together = forward(recorded, regions, {.most_rows = 1'000'000});
  for (const std::int64_t rows : {1, 40, 100}) {
    // The bits of a row do not depend on how many rows are computed together.
    EXPECT_TRUE(all_close(forward(recorded, regions, {.most_rows = rows}).vectors.values(),
                          together.vectors.values(), 0))
        << rows;
  }
}

TEST_P(Forward, EqualBiasesEqualThoseOfTheEqualPolicy) {
  const RecordedImage recorded(clip, tiny_image());
  const Regions blocks = block_regions(recorded.grid(), 2, 2);
  const RegionContributions result = forward(recorded, blocks, {.equal_biases = true});
  const std::vector<float> direction = tiny_targets()[0].direction;
  std::vector<double> expected = forward(recorded, blocks).contributions(direction);
  const double biases = expected.back();
  expected.pop_back();
  give_biases(BiasPolicy::kEqual, biases, {}, std::span(expected).first(4), expected[4]);

  EXPECT_TRUE(all_close(to_floats(result.contributions(direction)), to_floats(expected), 1e-5));
  EXPECT_EQ(result.names.back(), "positions");
  EXPECT_EQ(result.vectors.rows(), 6);
  EXPECT_LE(result.completeness_error(), 1e-5);
}

std::string case_name(const ::testing::TestParamInfo<Case>& case_info) {
  return std::string(name_of(case_info.param.activation)) +
         (case_info.param.query_key ? "_query_key" : "_frozen");
}

INSTANTIATE_TEST_SUITE_P(Cases, Forward,
                         ::testing::Values(Case{ActivationKind::kQuickGelu, false},
                                           Case{ActivationKind::kGelu, false},
                                           Case{ActivationKind::kQuickGelu, true},
                                           Case{ActivationKind::kGelu, true}),
                         case_name);

/// Frozen gains that record the largest number of rows of contributions passed to an op.
class Counting final : public Rule {
 public:
  explicit Counting(std::int64_t& most) : most_(most) {}
  std::string name() const override { return "counting"; }
  Tensor propagate_forward(const Workspace& workspace, const Op& op, const OpContext& context,
                           Inputs contributions) const override {
    for (const Tensor* contribution : contributions) most_ = std::max(most_, contribution->rows());
    return frozen_gains()->propagate_forward(workspace, op, context, contributions);
  }
  bool reads(const Op& op, std::size_t input) const override {
    return frozen_gains()->reads(op, input);
  }

 private:
  std::int64_t& most_;
};

class Regional : public ::testing::Test {
 protected:
  Clip clip = tiny_clip(ActivationKind::kGelu);
  RecordedImage recorded{clip, tiny_image(16, 32)};  // 32 patches
};

TEST_F(Regional, RowsPropagatedAtOnceDoNotGrowWithTheRegions) {
  for (const Regions& regions :
       {block_regions(recorded.grid(), 2, 2), patch_regions(recorded.grid())}) {
    std::int64_t most = 0;
    const RuleTable rules{
        "counting", Quantity::kGradient, {{{}, {}, std::make_shared<Counting>(most)}}};
    region_contributions(recorded, regions, rules, {.most_rows = 100});

    EXPECT_EQ(most, 99);  // three sources of 33 tokens
  }
}

TEST_F(Regional, ProgressCountsFromZeroToAllSources) {
  std::vector<std::int64_t> done;
  const auto watch = [&](std::string_view stage, std::int64_t now, std::int64_t total) {
    EXPECT_EQ(stage, "propagating regions");
    EXPECT_EQ(total, 35);
    done.push_back(now);
    return true;
  };
  region_contributions(recorded, patch_regions(recorded.grid()), contribution_rules(),
                       {.most_rows = 330, .progress = watch});

  EXPECT_EQ(done, (std::vector<std::int64_t>{0, 10, 20, 30, 35}));
}

TEST_F(Regional, StopsIfProgressReturnsFalse) {
  int calls = 0;
  const auto stop_at_second = [&](std::string_view, std::int64_t, std::int64_t) {
    return ++calls < 2;
  };

  EXPECT_THROW(region_contributions(recorded, patch_regions(recorded.grid()), contribution_rules(),
                                    {.most_rows = 33, .progress = stop_at_second}),
               Cancelled);
  EXPECT_EQ(calls, 2);
}

TEST_F(Regional, RefuseRegionsOfAnotherGrid) {
  PatchGrid other = recorded.grid();
  std::swap(other.rows, other.columns);

  EXPECT_TRUE(mentions(error_of([&] { region_contributions(recorded, patch_regions(other)); }),
                       {"regions", "4 × 8", "8 × 4"}));
}

TEST_F(Regional, RefuseAPatchThatIsNotInTheGrid) {
  const Regions regions{8, 4, {{"far", {32}}}, false, {}};

  EXPECT_TRUE(mentions(error_of([&] { region_contributions(recorded, regions); }),
                       {"far", "32", "0 to 31"}));
}

TEST_F(Regional, RefuseADirectionOfAnotherWidth) {
  const RegionContributions result = region_contributions(recorded, patch_regions(recorded.grid()));

  EXPECT_TRUE(mentions(error_of([&] { (void)result.contributions(std::vector<float>(3)); }),
                       {"direction", "20", "3"}));
}

TEST_F(Regional, RefuseBackwardOnlyRules) {
  EXPECT_TRUE(mentions(error_of([&] {
                         region_contributions(recorded, patch_regions(recorded.grid()),
                                              z_plus_rules());
                       }),
                       {"vision."}));
}

class GoldenImages : public ::testing::TestWithParam<testing::ToonsCase> {};

TEST_P(GoldenImages, AgreeWithPyTorchsContributionsInTheForwardDirection) {
  const testing::Golden golden(std::string("toons/") + GetParam().image);
  const RecordedImage recorded(testing::toons(), testing::toons_image(golden));
  const RegionContributions result = region_contributions(recorded, patch_regions(recorded.grid()));
  EXPECT_LE(result.completeness_error(), 1e-5);
  for (const std::string kind : {"prompt", "class", "contrast"}) {
    const std::vector<float> tokens = golden.floats("ledger." + kind + ".tokens"),
                             others = golden.floats("ledger." + kind + ".biases");
    // The last two are the class embedding and the positions.
    std::vector<float> expected = tokens;
    expected.insert(expected.end(), others.end() - 2, others.end());
    expected.push_back(float(std::accumulate(others.begin(), others.end() - 2, 0.0)));
    const std::vector<double> contributions =
        result.contributions(testing::toons_target(GetParam(), kind).direction);
    EXPECT_TRUE(all_close(to_floats(contributions), expected,
                          1e-4 * std::max(testing::largest(tokens), testing::largest(others))))
        << kind;
  }
}

INSTANTIATE_TEST_SUITE_P(Toons, GoldenImages, ::testing::ValuesIn(testing::kToonsContrasts),
                         [](const auto& case_info) { return std::string(case_info.param.image); });

}  // namespace region_contributions_test
}  // namespace whyclip
