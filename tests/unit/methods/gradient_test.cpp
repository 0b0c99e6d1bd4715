// Gradient methods against a float64 reference with complex-step derivatives.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/methods/methods_of_tiny.h"
#include "whyclip/core/cell_grid.h"
#include "whyclip/core/random.h"

namespace whyclip {
namespace gradient_test {

using testing::real_parts;
using testing::replacing;
using testing::Tower;

using GradientMethods = testing::MethodsOfTiny;

constexpr std::size_t kPatches = 16, kWidth = 24;

/// Sums over the channels of patch embeddings, (patches, width).
template <class Each>
std::vector<float> over_channels(const std::vector<double>& values, Each each) {
  std::vector<float> result;
  for (std::size_t p = 0; p < kPatches; ++p) {
    double sum = 0;
    for (std::size_t k = 0; k < kWidth; ++k) sum = each(sum, values[p * kWidth + k]);
    result.push_back(float(sum));
  }
  return result;
}

double plus(double sum, double v) { return sum + v; }
double plus_size(double sum, double v) { return sum + std::abs(v); }
double most(double sum, double v) { return std::max(sum, std::abs(v)); }

/// The patch of a pixel in planes of 16 × 16.
std::size_t patch_of_pixel(std::size_t pixel) { return pixel / 16 / 4 * 4 + pixel % 16 / 4; }

TEST_F(GradientMethods, SaliencyIsTheMagnitudeOfTheGradient) {
  const std::vector<double> g = tower.gradient("patches");
  std::vector<double> squares = g;
  for (double& v : squares) v *= v;
  std::vector<float> norms = over_channels(squares, plus);
  for (float& v : norms) v = std::sqrt(v);
  EXPECT_TRUE(same_map(patches("saliency"), over_channels(g, most)));
  EXPECT_TRUE(same_map(patches("saliency", {{"channels", "sum"}}), over_channels(g, plus_size)));
  EXPECT_TRUE(same_map(patches("saliency", {{"channels", "norm"}}), norms));
}

TEST_F(GradientMethods, SaliencyOfPixelsIsTheMeanOverThePatchOfTheLargestChannel) {
  const std::vector<double> g = tower.gradient("pixels");
  std::vector<float> expected(kPatches, 0.0f);
  for (std::size_t pixel = 0; pixel < 256; ++pixel) {
    const double size =
        std::max({std::abs(g[pixel]), std::abs(g[256 + pixel]), std::abs(g[512 + pixel])});
    expected[patch_of_pixel(pixel)] += float(size / 16);
  }
  EXPECT_TRUE(same_map(patches("saliency", {{"on", "pixels"}}), expected));
}

TEST_F(GradientMethods, InputTimesGradientIsTheFirstOrderContributionOfEachPatch) {
  std::vector<double> g = tower.gradient("patches");
  const std::vector<double> x = real_parts(tower.value("patches"));
  for (std::size_t i = 0; i < g.size(); ++i) g[i] *= x[i];
  EXPECT_TRUE(same_map(patches("input-x-gradient"), over_channels(g, plus)));

  std::vector<double> pixels = tower.gradient("pixels");
  std::vector<float> expected(kPatches, 0.0f);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    expected[patch_of_pixel(i % 256)] += float(pixels[i] * double(context.image().pixels[i]));
  }
  EXPECT_TRUE(same_map(patches("input-x-gradient", {{"on", "pixels"}}), expected));
}

/// Σ over nodes of weight · (x − b) · ∂S(b + α (x − b)) on patch embeddings.
std::vector<double> path_contributions(const Tower& tower, const std::vector<double>& base,
                                       const std::vector<std::pair<double, double>>& nodes) {
  const std::vector<double> x = real_parts(tower.value("patches"));
  std::vector<double> contributions(x.size(), 0.0);
  for (const auto& [alpha, weight] : nodes) {
    std::vector<double> between = base;
    for (std::size_t i = 0; i < x.size(); ++i) between[i] += alpha * (x[i] - base[i]);
    const std::vector<double> g = tower.gradient("patches", replacing("patches", between));
    for (std::size_t i = 0; i < x.size(); ++i) contributions[i] += weight * (x[i] - base[i]) * g[i];
  }
  return contributions;
}

/// The three-point Gauss–Legendre rule on [0, 1], nodes and weights.
const std::vector<std::pair<double, double>> kThreePoints{
    {0.5 - std::sqrt(0.15), 5.0 / 18}, {0.5, 8.0 / 18}, {0.5 + std::sqrt(0.15), 5.0 / 18}};

TEST_F(GradientMethods, IntegratedGradientsFollowThePathFromZero) {
  const std::vector<double> zero(kPatches * kWidth, 0.0);
  EXPECT_TRUE(same_map(patches("integrated-gradients", {{"nodes", "3"}, {"tolerance", "0"}}),
                       over_channels(path_contributions(tower, zero, kThreePoints), plus)));
}

TEST_F(GradientMethods, IntegratedGradientsFollowThePathFromTheMean) {
  const std::vector<double> x = real_parts(tower.value("patches"));
  std::vector<double> mean(x.size(), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t p = 0; p < kPatches; ++p) mean[i] += x[p * kWidth + i % kWidth] / kPatches;
  }
  EXPECT_TRUE(same_map(
      patches("integrated-gradients", {{"nodes", "3"}, {"tolerance", "0"}, {"baseline", "mean"}}),
      over_channels(path_contributions(tower, mean, kThreePoints), plus)));
}

TEST_F(GradientMethods, IntegratedGradientsFollowThePathFromBlack) {
  const double black[] = {-0.48145466 / 0.26862954, -0.4578275 / 0.26130258,
                          -0.40821073 / 0.27577711};
  std::vector<double> pixels;
  for (std::size_t i = 0; i < 768; ++i) pixels.push_back(black[i / 256]);
  const Attribution result = attribution("integrated-gradients", {{"baseline", "black"}});
  EXPECT_NEAR(*result.elsewhere, tower.score(replacing("pixels", pixels)).real(), 1e-4);
  const std::vector<double> base = real_parts(tower.value("patches", replacing("pixels", pixels)));
  EXPECT_TRUE(same_map(
      patches("integrated-gradients", {{"nodes", "3"}, {"tolerance", "0"}, {"baseline", "black"}}),
      over_channels(path_contributions(tower, base, kThreePoints), plus)));
  EXPECT_NEAR(
      *attribution("integrated-gradients", {{"on", "pixels"}, {"baseline", "black"}}).elsewhere,
      *result.elsewhere, 1e-4);
}

TEST_F(GradientMethods, IntegratedGradientsAreComplete) {
  for (const char* on : {"patches", "pixels"}) {
    for (const char* baseline : {"zero", "mean", "black"}) {
      const Attribution result =
          attribution("integrated-gradients", {{"on", on}, {"baseline", baseline}});
      double sum = *result.elsewhere;
      for (const float contribution : result.patches) sum += double(contribution);
      EXPECT_NEAR(sum, *result.total, 1e-3 * (1 + std::abs(*result.total))) << on << baseline;
      EXPECT_EQ(*result.total, context.value());
    }
  }
}

TEST_F(GradientMethods, IntegratedGradientsRefineThePathUntilTheyAreComplete) {
  const auto completeness_error = [&](const char* tolerance) {
    const Attribution result =
        attribution("integrated-gradients", {{"nodes", "2"}, {"tolerance", tolerance}});
    double sum = *result.elsewhere;
    for (const float contribution : result.patches) sum += double(contribution);
    return std::abs(*result.total - sum);
  };
  EXPECT_GT(completeness_error("0"), 5e-2);  // two nodes are not enough
  EXPECT_LE(completeness_error("1e-3"), 1e-3 * (1 + std::abs(context.value())));
}

/// Gradients at the noisy image, with the methods' random draws.
std::vector<std::vector<double>> noisy_gradients(const Tower& tower, int samples, double noise,
                                                 std::uint64_t seed) {
  const std::vector<double> x = real_parts(tower.value("patches"));
  const auto [least, largest] = std::ranges::minmax(x);
  std::vector<std::vector<double>> result;
  for (int s = 0; s < samples; ++s) {
    std::vector<double> noisy = x;
    const std::vector<double> draw = normal_values(seed, std::uint64_t(s), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) noisy[i] += noise * (largest - least) * draw[i];
    result.push_back(tower.gradient("patches", replacing("patches", noisy)));
  }
  return result;
}

TEST_F(GradientMethods, SmoothGradAndVarGradAreMeanAndVarianceOverNoisyInputs) {
  const std::vector<std::vector<double>> gradients = noisy_gradients(tower, 3, 0.2, 7);
  std::vector<double> mean(kPatches * kWidth, 0.0), squares = mean, variance = mean;
  for (const std::vector<double>& g : gradients) {
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] += g[i] / 3;
      squares[i] += g[i] * g[i] / 3;
    }
  }
  for (const std::vector<double>& g : gradients) {
    for (std::size_t i = 0; i < mean.size(); ++i) {
      variance[i] += (g[i] - mean[i]) * (g[i] - mean[i]) / 3;
    }
  }
  const std::map<std::string, std::string> options{
      {"samples", "3"}, {"noise", "0.2"}, {"seed", "7"}};
  EXPECT_TRUE(same_map(patches("smoothgrad", options), over_channels(mean, plus_size)));
  EXPECT_TRUE(same_map(patches("vargrad", options), over_channels(variance, plus_size)));
  std::map<std::string, std::string> squared = options;
  squared["variant"] = "squared";
  EXPECT_TRUE(same_map(patches("smoothgrad", squared), over_channels(squares, plus_size)));
}

TEST_F(GradientMethods, ExpectedGradientsAverageOverNoiseAndThePositionOnThePath) {
  const std::vector<double> x = real_parts(tower.value("patches"));
  std::vector<double> contributions(x.size(), 0.0);
  double elsewhere = 0;
  constexpr int kSamples = 2;
  for (int s = 0; s < kSamples; ++s) {
    const std::vector<double> draw = normal_values(5, std::uint64_t(s), x.size() + 2);
    std::vector<double> base(x.size(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      double mean = 0, squares = 0;
      for (std::size_t p = 0; p < kPatches; ++p) mean += x[p * kWidth + i % kWidth] / kPatches;
      for (std::size_t p = 0; p < kPatches; ++p) {
        squares += std::pow(x[p * kWidth + i % kWidth] - mean, 2) / kPatches;
      }
      base[i] = mean + std::sqrt(squares) * draw[i + 2];
    }
    const double alpha = 0.5 * (1 + std::erf(draw[0] / std::sqrt(2)));
    const std::vector<double> one = path_contributions(tower, base, {{alpha, 1.0 / kSamples}});
    for (std::size_t i = 0; i < x.size(); ++i) contributions[i] += one[i];
    elsewhere += tower.score(replacing("patches", base)).real() / kSamples;
  }
  const Attribution result = attribution("expected-gradients", {{"samples", "2"}, {"seed", "5"}});
  EXPECT_TRUE(same_map(result.patches, over_channels(contributions, plus)));
  EXPECT_NEAR(*result.elsewhere, elsewhere, 1e-4);
}

TEST_F(GradientMethods, ExpectedGradientsWithBlurDrawItsWidth) {
  const std::vector<double> x = real_parts(tower.value("patches")), draw = normal_values(9, 0, 2);
  const auto uniform = [](double normal) { return 0.5 * (1 + std::erf(normal / std::sqrt(2))); };
  std::vector<float> blurred(x.begin(), x.end());
  low_pass(blurred, cells_of_channels(4, 4, kWidth), uniform(draw[1]) * 2);  // half of 4 patches
  const std::vector<double> base(blurred.begin(), blurred.end());
  EXPECT_TRUE(same_map(
      patches("expected-gradients", {{"samples", "1"}, {"seed", "9"}, {"baselines", "blur"}}),
      over_channels(path_contributions(tower, base, {{uniform(draw[0]), 1.0}}), plus)));
}

TEST(SeededMethods, DependOnTheSeedAndNotOnTheNumberOfThreads) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {});
  for (const char* name : {"smoothgrad", "vargrad", "expected-gradients"}) {
    const Method& method = find_method(name);
    const auto run = [&](int threads, const char* seed) {
      const Clip clip = Clip::open(folder.path(), {.threads = threads, .cache = {}});
      ExplanationContext context(clip, testing::tiny_image(16, 20), testing::tiny_targets()[0]);
      return method
          .run(context, MethodSettings(method.info, {{"samples", "11"}, {"seed", seed}}), {})
          .patches;
    };
    const std::vector<float> one = run(1, "3");
    EXPECT_EQ(one, run(2, "3")) << name;
    EXPECT_EQ(one, run(3, "3")) << name;
    EXPECT_NE(one, run(2, "4")) << name;
  }
}

}  // namespace gradient_test
}  // namespace whyclip
