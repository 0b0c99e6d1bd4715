#include "whyclip/methods/meaningful_perturbation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "whyclip/core/optimiser.h"
#include "whyclip/core/random.h"
#include "whyclip/image/by_patch.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/game.h"
#include "whyclip/methods/input_gradients.h"

namespace whyclip {
namespace {

/// The side of the publication's images in pixels, the unit of its lengths.
constexpr double kSide = 224;

/// The candidate initial masks of the authors' code are circles: radii, blur, and the largest
/// remaining fraction of the score.
constexpr int kCircles = 35;
constexpr double kCircleStep = 5, kCircleBlur = 10, kRemaining = 0.01;

int longer_side(int cells, int length, int shorter) {
  return std::max(1, int(std::lround(double(cells) * length / shorter)));
}

/// Planes shifted by whole pixels, borders repeated.
std::vector<float> shifted(std::span<const float> planes, const CellGrid& cells, int down,
                           int right) {
  std::vector<float> result(planes.size(), 0.0f);
  for (std::int64_t k = 0; k < cells.channels; ++k) {
    for (int r = 0; r < cells.rows; ++r) {
      for (int c = 0; c < cells.columns; ++c) {
        const int y = std::clamp(r - down, 0, cells.rows - 1),
                  x = std::clamp(c - right, 0, cells.columns - 1);
        result[std::size_t(cells.at(std::int64_t{r} * cells.columns + c, k))] =
            planes[std::size_t(cells.at(std::int64_t{y} * cells.columns + x, k))];
      }
    }
  }
  return result;
}

/// m·x + (1 − m)·b, written to `result`.
void blend(std::span<const float> x, std::span<const float> b, std::span<const float> mask,
           std::span<float> result) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double m = mask[i % mask.size()];
    result[i] = float(m * double(x[i]) + (1 - m) * double(b[i]));
  }
}

/// 1 inside a circle around the centre, blurred.
std::vector<float> disc(const CellGrid& cells, double radius, double sigma) {
  std::vector<float> result(std::size_t(cells.cells()), 0.0f);
  for (int r = 0; r < cells.rows; ++r) {
    for (int c = 0; c < cells.columns; ++c) {
      const double y = r - (cells.rows - 1) / 2.0, x = c - (cells.columns - 1) / 2.0;
      if (x * x + y * y <= radius * radius) {
        result[std::size_t(r) * std::size_t(cells.columns) + std::size_t(c)] = 1;
      }
    }
  }
  low_pass(result, planes_of_cells(cells.rows, cells.columns, 1), sigma);
  return result;
}

class MaskDescent {
 public:
  MaskDescent(ExplanationContext& context, const MethodSettings& settings)
      : context_(context),
        settings_(settings),
        space_(context, "pixels"),
        unit_(std::min(space_.cells().rows, space_.cells().columns) / kSide),
        grid_(space_.cells().rows, space_.cells().columns, settings.count("cells"),
              settings.number("mask-blur") * unit_),
        blurred_(space_.image().begin(), space_.image().end()),
        random_(seed_of(settings)),
        released_(settings.word("variant") == "released") {
    low_pass(blurred_, space_.cells(), settings.number("blur") * unit_);
  }

  Attribution run(const Progress& progress) {
    start(progress);
    Descent descent(Optimiser::kAdam, settings_.number("rate"), {}, mask_.size());
    const int steps = settings_.count("steps");
    for (int step = 0; step < steps; ++step) {
      report_progress(progress, "optimising the mask", step, steps);
      descent.step(gradient(), mask_);
      for (float& m : mask_) m = std::clamp(m, 0.0f, 1.0f);
    }
    std::vector<float> mask = grid_.pixels(mask_);
    const double value = space_.values(
        1, [&](int, std::span<float> input) { blend(space_.image(), blurred_, mask, input); },
        "evaluating the mask", progress)[0];
    for (float& m : mask) m = 1 - m;
    return {.patches = by_patch(mask, space_.cells().columns, context_.grid()),
            .notes = {fmt::format("the mask changes the target's value from {:.3g} to {:.3g}",
                                  context_.value(), value)}};
  }

 private:
  /// Initialises the mask with the smallest circle that, when blurred, causes at least 99 % of the
  /// effect of the largest circle. Sets the scale of the score.
  void start(const Progress& progress) {
    const CellGrid& cells = space_.cells();
    std::vector<std::vector<float>> kept;
    for (int i = 0; i < kCircles; ++i) {
      const double radius = kCircleStep * i * std::max(cells.rows, cells.columns) / kSide;
      kept.push_back(disc(cells, radius, kCircleBlur * unit_));
      for (float& m : kept.back()) m = 1 - m;
    }
    kept.emplace_back(std::size_t(cells.cells()), 0.0f);
    const std::vector<double> values = space_.values(
        int(kept.size()),
        [&](int copy, std::span<float> input) {
          blend(space_.image(), blurred_, kept[std::size_t(copy)], input);
        },
        "circles", progress);
    const double last = values[kCircles - 1], whole = context_.value();
    std::size_t chosen = 0;
    while (chosen + 1 < kCircles && !((values[chosen] - last) / (whole - last) < kRemaining))
      ++chosen;
    const double full_effect = std::abs(whole - values.back());
    // If blurring does not change the image, the gradient is zero too.
    if (settings_.word("score") == "relative" && full_effect > 0) factor_ = 1 / full_effect;
    for (int r = 0; r < grid_.rows(); ++r) {
      for (int c = 0; c < grid_.columns(); ++c) {
        const auto y = std::size_t((2 * r + 1) * cells.rows / (2 * grid_.rows())),
                   x = std::size_t((2 * c + 1) * cells.columns / (2 * grid_.columns()));
        mask_.push_back(kept[chosen][y * std::size_t(cells.columns) + x]);
      }
    }
  }

  /// The gradient of score + L1 norm of 1 − m + total variation, at a random shift of the image.
  std::vector<float> gradient() {
    const auto jitter = std::size_t(std::lround(settings_.number("jitter") * unit_));
    const auto draw = [&] {
      return jitter == 0 ? 0 : int(draw_below(random_, jitter)) - int(jitter / 2);
    };
    const int down = draw(), right = draw();
    const std::vector<float> x = shifted(space_.image(), space_.cells(), down, right),
                             b = shifted(blurred_, space_.cells(), down, right),
                             mask = grid_.pixels(mask_);
    std::vector<float> by_pixel(mask.size(), 0.0f);
    space_.each_gradient(
        1, [&](int, std::span<float> input) { blend(x, b, mask, input); },
        [&](int, double, std::span<const float> g) {
          for (std::size_t i = 0; i < g.size(); ++i) {
            by_pixel[i % mask.size()] +=
                float(factor_ * double(g[i]) * (double(x[i]) - double(b[i])));
          }
        },
        "", {});
    std::vector<float> result = released_ ? grid_.sums(by_pixel) : grid_.adjoint(by_pixel);
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (mask_[i] < 1) result[i] -= float(settings_.number("l1"));
    }
    add_variation_gradient(mask_, grid_.columns(), settings_.number("beta"),
                           released_ ? VariationNorm::kEuclidean : VariationNorm::kBeta,
                           settings_.number("variation"), result);
    return result;
  }

  ExplanationContext& context_;
  const MethodSettings& settings_;
  InputSpace space_;
  double unit_;  ///< pixels of this image per pixel of the publication's
  CoarseMask grid_;
  std::vector<float> blurred_, mask_;  ///< mask_: 1 keeps, 0 blurs
  std::mt19937_64 random_;
  bool released_;
  double factor_ = 1;
};

Attribution run_meaningful(ExplanationContext& context, const MethodSettings& settings,
                           const Progress& progress) {
  return MaskDescent(context, settings).run(progress);
}

}  // namespace

CoarseMask::CoarseMask(int height, int width, int cells, double sigma)
    : height_(height),
      width_(width),
      rows_(longer_side(cells, height, std::min(height, width))),
      columns_(longer_side(cells, width, std::min(height, width))),
      sigma_(sigma),
      grid_(planes_of_cells(height, width, 1)) {}

std::vector<float> CoarseMask::pixels(std::span<const float> values) const {
  std::vector<float> result;
  result.reserve(grid_.size());
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) result.push_back(values[std::size_t(cell_of(y, x))]);
  }
  low_pass(result, grid_, sigma_);
  return result;
}

std::vector<float> CoarseMask::adjoint(std::span<const float> gradient) const {
  std::vector<float> result(gradient.begin(), gradient.end());
  low_pass_adjoint(result, grid_, sigma_);
  return sums(result);
}

std::vector<float> CoarseMask::sums(std::span<const float> gradient) const {
  std::vector<double> sum(std::size_t(rows_) * std::size_t(columns_), 0.0);
  std::size_t pixel = 0;
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      sum[std::size_t(cell_of(y, x))] += double(gradient[pixel++]);
    }
  }
  return {sum.begin(), sum.end()};
}

void add_variation_gradient(std::span<const float> mask, int columns, double beta,
                            VariationNorm norm, double weight, std::span<float> gradient) {
  const auto width = std::size_t(columns);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const double here = mask[i];
    const double right = i % width + 1 < width ? double(mask[i + 1]) - here : 0,
                 below = i + width < mask.size() ? double(mask[i + width]) - here : 0;
    const auto slope = [&](double difference) {
      const double size =
          norm == VariationNorm::kBeta ? std::abs(difference) : std::hypot(right, below);
      return difference == 0 ? 0 : weight * beta * std::pow(size, beta - 2) * difference;
    };
    if (right != 0) gradient[i + 1] += float(slope(right));
    if (below != 0) gradient[i + width] += float(slope(below));
    gradient[i] -= float(slope(right) + slope(below));
  }
}

Method meaningful_perturbation_method() {
  return {
      {.name = "meaningful-perturbation",
       .family = MethodFamily::kOptimisation,
       .summary = "smallest smooth mask that minimises the target when the masked area is blurred",
       .reference =
           "Fong and Vedaldi, Interpretable Explanations of Black Boxes by Meaningful "
           "Perturbation, 2017, section 4; lengths in pixels of 224-pixel images. The score is the "
           "target's value relative to the effect of blurring the whole image, instead of a class "
           "probability. variant=released: as in the authors' code, another norm of the variation, "
           "and a gradient that ignores the mask's blur",
       .cost = "steps · (F + B) + 37 F",
       .is_signed = false,
       .options =
           {MethodOption::count("steps", "steps of Adam (paper: 300)", 100, 1, 100000)
                .with_quick("8"),
            MethodOption::number("rate", "learning rate", 0.1, 1e-9, 1e3),
            MethodOption::number("l1", "weight of the mask's L1 norm", 1e-4, 0, 1e6),
            MethodOption::number("variation", "weight of the mask's total variation", 1e-2, 0, 1e6),
            MethodOption::number("beta", "exponent of the total variation", 3, 1, 10),
            MethodOption::count("cells", "cells of the mask along the shorter side", 28, 2, 1000),
            MethodOption::number(
                "mask-blur", "standard deviation of the mask's blur in pixels of a 224-pixel image",
                5, 0, 100),
            MethodOption::number(
                "blur", "standard deviation of the image's blur in pixels of a 224-pixel image", 10,
                0.1, 100),
            MethodOption::number("jitter",
                                 "number of random shifts per axis in pixels of a 224-pixel image",
                                 4, 0, 100),
            MethodOption::choice("score",
                                 "target's value relative to the effect of blurring the whole "
                                 "image, or in its own unit",
                                 {"relative", "value"}),
            MethodOption::choice("variant", "as in the paper, or as in the authors' code",
                                 {"paper", "released"}),
            seed_option()}},
      run_meaningful};
}

}  // namespace whyclip
