// Optimised masks and deoptimisation (descent of the score) on the tiny model: step by step against
// a float64 reference, components against their definitions.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/unit/methods/methods_of_tiny.h"
#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation.h"
#include "whyclip/methods/extremal_perturbation.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/meaningful_perturbation.h"
#include "whyclip/methods/smooth_mask.h"

namespace whyclip {
namespace optimisation_test {

using testing::all_close;
using testing::error_of;
using testing::hash_tensor;
using testing::largest;
using testing::mentions;
using testing::replacing;

using Settings = std::map<std::string, std::string>;
using Doubles = std::vector<double>;

/// Images of 16 × 16 in 3 planes, patches of 4 × 4.
constexpr std::size_t kSide = 16, kPixels = 256, kAll = 768;

std::vector<float> floats(const Doubles& values) { return {values.begin(), values.end()}; }
Doubles doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

/// Gaussian blur of 16 × 16 planes, cut off at three standard deviations, weights normalised to sum
/// to 1.
Doubles blurred(const Doubles& planes, double sigma) {
  const auto line = [&](std::size_t at, std::size_t other) {
    const double d = double(at) - double(other);
    return std::abs(d) <= std::ceil(3 * sigma) ? std::exp(-0.5 * d * d / (sigma * sigma)) : 0;
  };
  Doubles result;
  for (std::size_t plane = 0; plane < planes.size(); plane += kPixels) {
    for (std::size_t y = 0; y < kSide; ++y) {
      for (std::size_t x = 0; x < kSide; ++x) {
        double sum = 0, total = 0;
        for (std::size_t v = 0; v < kSide; ++v) {
          for (std::size_t u = 0; u < kSide; ++u) {
            const double weight = line(y, v) * line(x, u);
            sum += weight * planes[plane + v * kSide + u];
            total += weight;
          }
        }
        result.push_back(sum / total);
      }
    }
  }
  return result;
}

/// The mean of a mask over each patch.
std::vector<float> by_patches(const Doubles& mask) {
  std::vector<float> result(16, 0.0f);
  for (std::size_t i = 0; i < kPixels; ++i) {
    result[i / kSide / 4 * 4 + i % kSide / 4] += float(mask[i] / 16);
  }
  return result;
}

TEST(CoarseMask, IsEachCellsValueBlurred) {
  const CoarseMask mask(16, 16, 4, 1.5);
  const std::vector<float> values = hash_tensor("cells", 16, 0.5, 0.2);
  Doubles cells;
  for (std::size_t i = 0; i < kPixels; ++i) {
    cells.push_back(double(values[i / kSide / 4 * 4 + i % kSide / 4]));
  }
  EXPECT_TRUE(all_close(mask.pixels(values), floats(blurred(cells, 1.5)), 1e-6));
}

TEST(CoarseMask, AdjointIsTheTranspose) {
  const CoarseMask mask(10, 15, 4, 1.2);
  ASSERT_EQ(mask.rows(), 4);
  ASSERT_EQ(mask.columns(), 6);
  const std::vector<float> values = hash_tensor("cells", 24, 0, 1), g = hash_tensor("g", 150, 0, 1);
  const std::vector<float> pixels = mask.pixels(values), cells = mask.adjoint(g);
  EXPECT_NEAR(std::inner_product(pixels.begin(), pixels.end(), g.begin(), 0.0),
              std::inner_product(cells.begin(), cells.end(), values.begin(), 0.0), 1e-4);
  const std::vector<float> sums = mask.sums(std::vector<float>(150, 1.0f));
  EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), 0.0f), 150);
}

/// Σ ‖∇m‖^β of a mask of 3 × 4, by the definition.
double variation(const Doubles& m, double beta, VariationNorm norm) {
  double sum = 0;
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 4; ++c) {
      const double here = m[r * 4 + c], x = c < 3 ? m[r * 4 + c + 1] - here : 0,
                   y = r < 2 ? m[r * 4 + c + 4] - here : 0;
      sum += norm == VariationNorm::kBeta
                 ? std::pow(std::abs(x), beta) + std::pow(std::abs(y), beta)
                 : std::pow(x * x + y * y, beta / 2);
    }
  }
  return sum;
}

TEST(VariationOfAMask, GradientIsTheDerivative) {
  const std::vector<float> mask = hash_tensor("mask", 12, 0.5, 0.3);
  for (const auto norm : {VariationNorm::kBeta, VariationNorm::kEuclidean}) {
    for (const double beta : {1.0, 2.0, 3.0}) {
      std::vector<float> gradient(12, 0.5f);
      add_variation_gradient(mask, 4, beta, norm, 0.7, gradient);
      for (std::size_t i = 0; i < 12; ++i) {
        Doubles above = doubles(mask), below = above;
        above[i] += 1e-6;
        below[i] -= 1e-6;
        const double slope = (variation(above, beta, norm) - variation(below, beta, norm)) / 2e-6;
        EXPECT_NEAR(gradient[i], 0.5 + 0.7 * slope, 1e-5) << i << ", beta " << beta;
      }
    }
  }
}

TEST(VariationOfAMask, OfAConstantHasNoGradient) {
  std::vector<float> gradient(12, 0.0f);
  add_variation_gradient(std::vector<float>(12, 0.4f), 4, 1, VariationNorm::kEuclidean, 1,
                         gradient);
  EXPECT_EQ(gradient, std::vector<float>(12, 0.0f));
}

/// Gaussian blur of planes of rows × columns, cut off at four standard deviations, zero padding.
Doubles blurred_with_zeros(const Doubles& planes, int rows, int columns, double sigma) {
  const int reach = int(std::ceil(4 * sigma));
  const auto bell = [&](int d) { return std::exp(-0.5 * d * d / (sigma * sigma)); };
  double total = 0;
  for (int d = -reach; d <= reach; ++d) total += bell(d);
  const std::size_t size = std::size_t(rows) * std::size_t(columns);
  Doubles result;
  for (std::size_t plane = 0; plane < planes.size(); plane += size) {
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < columns; ++x) {
        double sum = 0;
        for (int v = std::max(0, y - reach); v <= std::min(rows - 1, y + reach); ++v) {
          for (int u = std::max(0, x - reach); u <= std::min(columns - 1, x + reach); ++u) {
            sum += bell(y - v) * bell(x - u) * planes[plane + std::size_t(v * columns + u)];
          }
        }
        result.push_back(sum / (total * total));
      }
    }
  }
  return result;
}

/// The most blurred level first, the sharp image last.
std::vector<Doubles> blur_levels(const Doubles& planes, int rows, int columns, int levels,
                                 double most) {
  std::vector<Doubles> result;
  for (int l = 0; l + 1 < levels; ++l) {
    result.push_back(
        blurred_with_zeros(planes, rows, columns, most * (1 - double(l) / (levels - 1))));
  }
  result.push_back(planes);
  return result;
}

TEST(BlurPyramid, InterpolatesBetweenTwoLevels) {
  const std::vector<float> x = hash_tensor("x", kAll, 0, 1);
  const CellGrid cells = planes_of_cells(16, 16, 3);
  const BlurPyramid pyramid(x, cells, 3, 2, BlurBorder::kZero);  // standard deviations 2, 1 and 0
  std::vector<float> mask(kPixels, 1.0f), result(kAll, 0.0f);
  mask[5] = 0;
  mask[6] = 0.75;
  pyramid.apply(mask, result);
  const Doubles wide = blurred_with_zeros(doubles(x), 16, 16, 2),
                narrow = blurred_with_zeros(doubles(x), 16, 16, 1);
  EXPECT_EQ(result[4], x[4]);
  EXPECT_NEAR(result[kPixels + 5], wide[kPixels + 5], 1e-6);
  EXPECT_NEAR(result[6], 0.5 * narrow[6] + 0.5 * double(x[6]), 1e-6);
}

TEST(BlurPyramid, PreservesUniformAreasWithRenormalisedBorders) {
  const BlurPyramid pyramid(std::vector<float>(kAll, 0.5f), planes_of_cells(16, 16, 3), 8, 2,
                            BlurBorder::kRenormalised);
  std::vector<float> result(kAll, 0.0f);
  pyramid.apply(std::vector<float>(kPixels, 0.0f), result);
  EXPECT_TRUE(all_close(result, std::vector<float>(kAll, 0.5f), 1e-6));  // rounding of a mean
}

TEST(BlurPyramid, AdjointIsTheDifferenceOfTwoLevels) {
  const std::vector<float> x = hash_tensor("x", kAll, 0, 1);
  const BlurPyramid pyramid(x, planes_of_cells(16, 16, 3), 3, 2, BlurBorder::kZero);
  const Doubles narrow = blurred_with_zeros(doubles(x), 16, 16, 1);
  std::vector<float> mask(kPixels, 1.0f), g(kAll, 0.0f), by_mask(kPixels, 0.0f);
  mask[6] = 0.75;
  g[6] = 2;
  g[kPixels + 6] = 1;
  g[7] = 1;  // there the mask is 1, and there is no higher level
  pyramid.add_adjoint(mask, g, by_mask);
  EXPECT_NEAR(by_mask[6],
              4 * (double(x[6]) - narrow[6]) + 2 * (double(x[kPixels + 6]) - narrow[kPixels + 6]),
              1e-5);
  EXPECT_EQ(by_mask[5], 0);
  EXPECT_EQ(by_mask[7], 0);
}

// Values of Perturbation(x, num_levels=8, max_blur=3).apply of TorchRay 1.0.0.2 for constant masks.
TEST(BlurPyramid, HasTheValuesOfTheAuthorsCode) {
  constexpr int kRows = 16, kColumns = 21;
  std::vector<float> x;
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) x.push_back(float(1 + std::sin(0.9 * i + 0.4 * j)));
  }
  const BlurPyramid pyramid(x, planes_of_cells(kRows, kColumns, 1), 8, 3, BlurBorder::kZero);
  const auto expect = [&](float mask, double first, double middle, double last) {
    std::vector<float> result(x.size(), 0.0f);
    pyramid.apply(std::vector<float>(x.size(), mask), result);
    EXPECT_NEAR(result[0], first, 2e-6) << mask;  // six digits
    EXPECT_NEAR(result[8 * kColumns + 10], middle, 2e-6) << mask;
    EXPECT_NEAR(result.back(), last, 2e-6) << mask;
  };
  expect(0, 0.397648, 0.978830, 0.376105);
  expect(0.3f, 0.513840, 0.881241, 0.502598);
  expect(0.75f, 0.805725, 0.253861, 1.027585);
}

TEST(AreaLoss, IsZeroForABinaryMaskOfTheArea) {
  std::vector<float> gradient(4, 0.0f);
  EXPECT_EQ(area_loss(std::vector<float>{1, 0, 0, 0}, 0.25, 3, gradient), 0);
  EXPECT_EQ(gradient, std::vector<float>(4, 0.0f));
}

TEST(AreaLoss, ComparesTheSortedMaskWithTheTemplate) {
  // Sorted 0.1 0.2 0.5 0.9 against 0 0 1 1: differences 0.1, 0.2, −0.5, −0.1.
  const std::vector<float> mask{0.5f, 0.1f, 0.9f, 0.2f};
  std::vector<float> gradient(4, 1.0f);
  EXPECT_NEAR(area_loss(mask, 0.5, 10, gradient), (0.01 + 0.04 + 0.25 + 0.01) / 4, 1e-7);
  EXPECT_TRUE(all_close(gradient, std::vector<float>{1 - 2.5f, 1 + 0.5f, 1 - 0.5f, 1 + 1}, 1e-6));
}

TEST(AreaLoss, GivesTiesTheMeanOfTheTemplate) {
  // Sorted 0.5 0.8 0.8 0.8 against 0 0 1 1: the three ties share 0, 1 and 1.
  const std::vector<float> mask{0.8f, 0.5f, 0.8f, 0.8f};
  std::vector<float> gradient(4, 0.0f);
  EXPECT_NEAR(area_loss(mask, 0.5, 2, gradient), (0.25 + 0.64 + 0.04 + 0.04) / 4, 1e-7);
  const float tied = 0.8f - 2.0f / 3;
  EXPECT_TRUE(all_close(gradient, std::vector<float>{tied, 0.5f, tied, tied}, 1e-6));
}

class OptimisedTiny : public testing::MethodsOfTiny {
 protected:
  double score(const Doubles& pixels) const {
    return tower.score(replacing("pixels", pixels)).real();
  }
  Doubles slope(const Doubles& pixels) const {
    return tower.gradient("pixels", replacing("pixels", pixels));
  }
  Doubles image() const { return doubles(context.image().pixels); }
};

Doubles blend(const Doubles& x, const Doubles& b, const Doubles& mask) {
  Doubles result;
  for (std::size_t i = 0; i < kAll; ++i) {
    result.push_back(mask[i % kPixels] * x[i] + (1 - mask[i % kPixels]) * b[i]);
  }
  return result;
}

/// Cells of 4 × 4 pixels on 16 × 16.
Doubles spread_cells(const Doubles& cells) {
  Doubles result;
  for (std::size_t i = 0; i < kPixels; ++i) {
    result.push_back(cells[i / kSide / 4 * 4 + i % kSide / 4]);
  }
  return result;
}

/// The initial mask: one minus the first blurred circle with 99 % of the effect, at the cell
/// centres.
template <class Score>
Doubles first_mask(const Doubles& x, const Doubles& b, Score score) {
  std::vector<Doubles> kept;
  Doubles scores;
  for (int i = 0; i < 35; ++i) {
    const double radius = 5.0 * i * 16 / 224;
    Doubles disc;
    for (int p = 0; p < 256; ++p) {
      disc.push_back(std::hypot(p / 16 - 7.5, p % 16 - 7.5) <= radius ? 1 : 0);
    }
    kept.push_back(blurred(disc, 10.0 * 16 / 224));
    for (double& m : kept.back()) m = 1 - m;
    scores.push_back(score(blend(x, b, kept.back())));
  }
  std::size_t chosen = 0;
  while (chosen < 34 && (scores[chosen] - scores[34]) / (score(x) - scores[34]) >= 0.01) ++chosen;
  Doubles cells;
  for (std::size_t r = 0; r < 4; ++r) {
    for (std::size_t c = 0; c < 4; ++c) cells.push_back(kept[chosen][(4 * r + 2) * 16 + 4 * c + 2]);
  }
  return cells;
}

TEST_F(OptimisedTiny, MeaningfulPerturbationFollowsThePublishedSteps) {
  constexpr double kL1 = 0.05, kVariation = 0.3, kRate = 0.05, kBlur = 2, kMaskBlur = 1;
  const Doubles x = image(), b = blurred(x, kBlur);
  Doubles m = first_mask(x, b, [&](const Doubles& pixels) { return score(pixels); });
  const double range = std::abs(score(x) - score(b));
  Doubles first(16, 0.0), second(16, 0.0);
  for (int step = 1; step <= 3; ++step) {
    const Doubles mask = blurred(spread_cells(m), kMaskBlur);
    const Doubles g = slope(blend(x, b, mask));
    std::vector<float> by_cell(16, 0.0f);
    add_variation_gradient(floats(m), 4, 3, VariationNorm::kBeta, kVariation, by_cell);
    Doubles total = doubles(by_cell);
    for (std::size_t cell = 0; cell < 16; ++cell) {
      Doubles one(16, 0.0);  // the blur is linear: the contribution of one cell to the mask
      one[cell] = 1;
      const Doubles contribution = blurred(spread_cells(one), kMaskBlur);
      for (std::size_t i = 0; i < kAll; ++i) {
        total[cell] += g[i] * (x[i] - b[i]) * contribution[i % kPixels] / range;
      }
      if (m[cell] < 1) total[cell] -= kL1;
    }
    for (std::size_t c = 0; c < 16; ++c) {  // Adam
      first[c] = 0.9 * first[c] + 0.1 * total[c];
      second[c] = 0.999 * second[c] + 0.001 * total[c] * total[c];
      m[c] -= kRate * first[c] / (1 - std::pow(0.9, step)) /
              (std::sqrt(second[c] / (1 - std::pow(0.999, step))) + 1e-8);
      m[c] = std::clamp(m[c], 0.0, 1.0);
    }
  }
  Doubles removed = blurred(spread_cells(m), kMaskBlur);
  for (double& value : removed) value = 1 - value;
  const Settings
      settings{{"steps", "3"},       {"rate", "0.05"}, {"l1", "0.05"},
               {"variation", "0.3"}, {"cells", "4"},   {"mask-blur", "14"},
               {"blur", "28"},       {"jitter", "0"}};  // lengths in pixels of 224-pixel images
  // Adam divides by the gradient's magnitude, which increases the error of small gradients.
  EXPECT_TRUE(all_close(patches("meaningful-perturbation", settings), by_patches(removed), 1e-4));
}

TEST_F(OptimisedTiny, TheReleasedMeaningfulPerturbationDiffers) {
  const Settings paper{{"steps", "5"}, {"cells", "4"}};
  Settings released = paper;
  released["variant"] = "released";
  EXPECT_FALSE(all_close(patches("meaningful-perturbation", paper),
                         patches("meaningful-perturbation", released), 1e-3));
}

/// A float64 reference independent of the library: an image of 16 × 16, lattice spacing 2 pixels,
/// kernel width 4 pixels.
class PlainExtremalMask {
 public:
  static constexpr int kPoints = 8, kMargin = 4, kFull = 23;

  /// ∂(mask with margin)/∂(parameters), (pixels, parameters), and the mask.
  static Doubles mask(const Doubles& p, std::vector<Doubles>& slopes) {
    Doubles result;
    slopes.clear();
    for (int v = 0; v < kFull; ++v) {
      for (int u = 0; u < kFull; ++u) add_pixel(p, v, u, result, slopes);
    }
    return result;
  }

 private:
  /// A pixel's window extends 1 + ⌈4/2⌉ points to each side and begins 1 + ⌈8/2⌉ points before the
  /// pixel's cell of the mask with margin.
  static void add_pixel(const Doubles& p, int v, int u, Doubles& mask,
                        std::vector<Doubles>& slopes) {
    struct Point {
      std::size_t index;
      double kernel, f;
    };
    std::vector<Point> points;
    double sum = 0, product = 0;
    for (int i = v / 2 - 5; i <= v / 2 + 1; ++i) {
      for (int j = u / 2 - 5; j <= u / 2 + 1; ++j) {
        const bool inside = i >= 0 && i < kPoints && j >= 0 && j < kPoints;
        const double z = std::hypot(v - kMargin - 2 * i, u - kMargin - 2 * j) / 4;
        const double kernel = std::exp(-2 * std::pow(std::max(0.0, z - 0.5), 2));
        const auto point = std::size_t(inside ? i * kPoints + j : 0);
        const double f = inside ? kernel * p[point] : 0;
        if (inside) points.push_back({point, kernel, f});
        sum += std::exp(20 * f);
        product += f * std::exp(20 * f);
      }
    }
    mask.push_back(product / sum);
    slopes.emplace_back(p.size(), 0.0);
    for (const Point& s : points) {
      slopes.back()[s.index] = s.kernel * std::exp(20 * s.f) / sum * (1 + 20 * (s.f - mask.back()));
    }
  }
};

/// 2 λ (m − template) / pixels; ties have the mean of the template.
Doubles area_slope(const Doubles& mask, double area, double weight) {
  std::vector<std::size_t> order(mask.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return mask[i]; });
  const auto zeros = std::size_t(double(mask.size()) * (1 - area));
  Doubles result(mask.size(), 0.0);
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double ones = 0;
    for (end = begin; end < order.size() && mask[order[end]] - mask[order[begin]] <= 1e-6; ++end) {
      ones += end < zeros ? 0 : 1;
    }
    for (std::size_t r = begin; r < end; ++r) {
      result[order[r]] =
          2 * weight * (mask[order[r]] - ones / double(end - begin)) / double(mask.size());
    }
  }
  return result;
}

TEST_F(OptimisedTiny, ExtremalPerturbationFollowsThePublishedSteps) {
  constexpr double kArea = 0.3, kRate = 0.002;
  constexpr int kFull = PlainExtremalMask::kFull, kMargin = PlainExtremalMask::kMargin;
  const std::vector<Doubles> levels = blur_levels(image(), 16, 16, 8, 20.0 * 16 / 224);
  const auto at = [&](std::size_t i) {
    const int y = int(i % kPixels / kSide), x = int(i % kSide);
    return std::size_t((y + kMargin) * kFull + x + kMargin);
  };
  // The index in a mirrored image.
  const auto position = [&](std::size_t i, bool flipped) {
    return flipped ? i - i % kSide + kSide - 1 - i % kSide : i;
  };
  Doubles p(64, 1.0), mean, mask;
  for (int step = 0; step < 3; ++step) {
    std::vector<Doubles> slopes;
    mask = PlainExtremalMask::mask(p, slopes);
    const bool flipped = step % 2 == 0;
    Doubles masked(kAll, 0.0);
    for (std::size_t i = 0; i < kAll; ++i) {
      const double level = 7 * mask[at(i)];
      const auto below = std::size_t(level);
      masked[position(i, flipped)] = (1 - (level - double(below))) * levels[below][i] +
                                     (level - double(below)) * levels[below + 1][i];
    }
    const Doubles g = slope(masked);
    Doubles by_mask = area_slope(mask, kArea, 300 * std::pow(1.0035, 800 * step / 3.0));
    for (std::size_t i = 0; i < kAll; ++i) {
      const auto below = std::size_t(7 * mask[at(i)]);
      by_mask[at(i)] -= 7 * g[position(i, flipped)] * (levels[below + 1][i] - levels[below][i]);
    }
    Doubles by_parameter(64, 0.0);
    for (std::size_t m = 0; m < mask.size(); ++m) {
      for (std::size_t k = 0; k < 64; ++k) by_parameter[k] += by_mask[m] * slopes[m][k];
    }
    if (step == 0) mean = by_parameter;
    for (std::size_t k = 0; k < 64; ++k) {
      mean[k] = 0.9 * mean[k] + 0.1 * by_parameter[k];
      p[k] = std::clamp(p[k] - kRate * mean[k], 0.0, 1.0);
    }
  }
  Doubles cropped;
  for (std::size_t i = 0; i < kPixels; ++i) cropped.push_back(mask[at(i)]);
  EXPECT_TRUE(all_close(patches("extremal-perturbation", {{"steps", "3"},
                                                          {"area", "0.3"},
                                                          {"rate", "0.002"},
                                                          {"spacing", "28"},
                                                          {"smoothness", "56"}}),
                        by_patches(cropped), 1e-5));
}

// With enough weight on the area, every mask reaches it. The area is a fraction of the mask with
// its margin of 2 pixels (20 × 20 for an image of 16 × 16); almost none of it is on the margin.
TEST_F(OptimisedTiny, ExtremalPerturbationsReachTheirArea) {
  for (const std::string variant : {"preserve", "delete", "dual"}) {
    const std::vector<float> map =
        patches("extremal-perturbation",
                {{"area", "0.4"}, {"variant", variant}, {"spacing", "14"}, {"smoothness", "28"}});
    EXPECT_NEAR(std::accumulate(map.begin(), map.end(), 0.0) / 16, 0.4 * 400 / 256, 0.06)
        << variant;
  }
}

/// The target's value in the last step, from the note.
double last_value(const Attribution& result) {
  const std::string& note = result.notes.at(0);
  return std::stod(note.substr(note.find("last step: ") + 11));
}

TEST_F(OptimisedTiny, ExtremalPerturbationRaisesThePreservedAndLowersTheDeletedScore) {
  const auto value = [&](const char* variant) {
    return last_value(attribution(
        "extremal-perturbation",
        {{"area", "0.4"}, {"variant", variant}, {"spacing", "14"}, {"smoothness", "28"}}));
  };
  const double preserved = value("preserve"), deleted = value("delete");
  EXPECT_GT(preserved, context.value());
  EXPECT_LT(deleted, context.value());
}

TEST_F(OptimisedTiny, ExtremalPerturbationRejectsAMaskThatIsTooSmooth) {
  EXPECT_TRUE(mentions(error_of([&] {
                         patches("extremal-perturbation", {{"smoothness", "50"}});
                       }),
                       {"extremal-perturbation: smoothness", "4 times the spacing of 7", "50"}));
}

TEST_F(OptimisedTiny, DeoptimisationEqualsTheDescentOfItsLoss) {
  const Target& target = context.target();
  const double scale = clip.logit_scale();
  DeoptimisationLoss loss{"any", LossForm::kDotSquared, {}};
  for (const float v : target.direction) loss.vector.push_back(float(double(v) / scale));
  const auto expected = [&](DeoptimisationOptions options, ChannelReduction reduction) {
    options.controls = 0;
    const Deoptimisation result = deoptimise(clip, context.recorded(), loss, options);
    return by_patch(reduce_channels(reduction, result.runs[0].change, result.columns),
                    result.columns, context.grid());
  };
  EXPECT_EQ(patches("deoptimisation"), expected({}, ChannelReduction::kNorm));
  loss.form = LossForm::kPositiveSquared;
  EXPECT_EQ(
      patches("deoptimisation", {{"variable", "pixels"},
                                 {"loss", "positive"},
                                 {"steps", "2"},
                                 {"rate", "0.1"},
                                 {"reduction", "max"}}),
      expected({.variable = Variable::kPixels, .steps = 2, .rate = 0.1}, ChannelReduction::kMax));
  loss.form = LossForm::kCosine;
  loss.vector = target.direction;
  EXPECT_EQ(patches("deoptimisation", {{"loss", "logit"}, {"optimiser", "adam"}}),
            expected({.optimiser = Optimiser::kAdam}, ChannelReduction::kNorm));
}

TEST_F(OptimisedTiny, TheMeanChannelReductionOfPlainDescentIsZeroWithAReason) {
  const Attribution result = attribution(
      "deoptimisation", {{"reduction", "mean"}, {"steps", "20"}, {"rate", "0.1"}});
  EXPECT_EQ(result.patches, std::vector<float>(16, 0.0f));
  EXPECT_TRUE(mentions(result.notes.at(0), {"no map", "is zero", "layer norm", "adam"}));
}

TEST_F(OptimisedTiny, AStepOfRoundingSizeGivesZerosWithAReason) {
  for (const char* reduction : {"norm", "max", "most-varied", "boosted"}) {
    const Attribution result =
        attribution("deoptimisation", {{"rate", "1e-9"}, {"reduction", reduction}});
    EXPECT_EQ(result.patches, std::vector<float>(16, 0.0f)) << reduction;
    EXPECT_TRUE(mentions(result.notes.at(0), {"no map", "rounding", "larger rate"})) << reduction;
  }
}

/// One step of plain descent changes every patch by its gradient.
TEST_F(OptimisedTiny, OneStepOfDeoptimisationOfTheLogitIsSaliency) {
  const std::vector<float> map = patches("deoptimisation", {{"loss", "logit"}, {"steps", "1"}});
  std::vector<float> gradient = patches("saliency", {{"channels", "norm"}});
  for (float& value : gradient) value *= 0.01f;
  // The change is a difference of float32 values that are a hundred times larger.
  EXPECT_TRUE(all_close(map, gradient, 1e-4 * largest(gradient)));
}

Settings few_steps(const MethodInfo& info) {
  return info.name == "deoptimisation" ? Settings{} : Settings{{"steps", "6"}};
}

TEST(OptimisationMethods, DoNotDependOnTheNumberOfThreads) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {});
  for (const Method& method : optimisation_methods()) {
    const auto run = [&](int threads) {
      const Clip clip = Clip::open(folder.path(), {.threads = threads, .cache = {}});
      ExplanationContext context(clip, testing::tiny_image(16, 20), testing::tiny_targets()[0]);
      return method.run(context, MethodSettings(method.info, few_steps(method.info)), {}).patches;
    };
    const std::vector<float> one = run(1);
    EXPECT_EQ(one.size(), 20u);
    EXPECT_EQ(one, run(2)) << method.info.name;
    EXPECT_EQ(one, run(3)) << method.info.name;
  }
}

TEST_F(OptimisedTiny, MeaningfulPerturbationDrawsShiftsBySeed) {
  const auto run = [&](const char* seed) {  // shifts of up to 28/224 · 16 = 2 pixels
    return patches("meaningful-perturbation",
                   {{"steps", "4"}, {"cells", "4"}, {"jitter", "28"}, {"seed", seed}});
  };
  EXPECT_EQ(run("1"), run("1"));
  EXPECT_NE(run("1"), run("2"));
}

TEST_F(OptimisedTiny, MethodsCanBeCancelled) {
  for (const Method& method : optimisation_methods()) {
    EXPECT_THROW(method.run(context, MethodSettings(method.info), [](auto...) { return false; }),
                 Cancelled)
        << method.info.name;
  }
}

}  // namespace optimisation_test
}  // namespace whyclip
