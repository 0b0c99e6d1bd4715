#include "whyclip/methods/extremal_perturbation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/core/error.h"
#include "whyclip/image/by_patch.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/input_gradients.h"
#include "whyclip/methods/smooth_mask.h"

namespace whyclip {
namespace {

/// The side of the publication's images in pixels, the unit of its lengths.
constexpr double kSide = 224;

// Constants of the authors' code.
constexpr int kLevels = 8;
constexpr double kMaxBlur = 20, kMomentum = 0.9;

/// The weight of the area loss grows with the steps. Its last value does not depend on the number
/// of steps.
double area_weight(int step, int steps) {
  constexpr double kFirst = 300, kGrowth = 1.0035, kSteps = 800;
  return kFirst * std::pow(kGrowth, kSteps * step / steps);
}

/// Mask values closer than this are treated as equal: at the start the mask has few distinct
/// values, which differ only by rounding.
constexpr double kTieTolerance = 1e-6;

/// The largest kernel width in lattice points: limits the memory, which grows with its square.
constexpr double kMaxKernelWidth = 4;

/// The pyramid level below a mask's value, the level above, and the interpolation weight. There is
/// no level above the last one, so a pixel of mask 1 has no gradient.
struct Level {
  std::size_t below, next;
  double above;
};

Level level_of(float mask, std::size_t levels) {
  const double position = std::clamp(double(mask), 0.0, 1.0) * double(levels - 1);
  const auto below = std::size_t(position);
  return {below, std::min(levels - 1, below + 1), position - double(below)};
}

/// Weights of half a Gaussian up to 4 standard deviations; the full filter sums to 1.
std::vector<double> gaussian(double sigma) {
  std::vector<double> weights;
  double total = 0;
  for (int d = 0; d <= int(std::ceil(4 * sigma)); ++d) {
    weights.push_back(std::exp(-0.5 * (d / sigma) * (d / sigma)));
    total += d == 0 ? 1 : 2 * weights.back();
  }
  for (double& weight : weights) weight /= total;
  return weights;
}

/// Adds the filtered line to `result`, with zero padding.
void add_filtered(std::span<const float> line, const std::vector<double>& weights,
                  std::span<double> result) {
  const int count = int(line.size()), reach = int(weights.size()) - 1;
  for (int i = 0; i < count; ++i) {
    for (int j = std::max(0, i - reach); j <= std::min(count - 1, i + reach); ++j) {
      result[std::size_t(i)] +=
          weights[std::size_t(std::abs(i - j))] * double(line[std::size_t(j)]);
    }
  }
}

/// Gaussian blur of planes as in the authors' code: cut off at 4 standard deviations, zero padding.
std::vector<float> blurred_with_zeros(std::span<const float> planes, const CellGrid& cells,
                                      double sigma) {
  std::vector<float> result(planes.begin(), planes.end());
  if (sigma <= 0) return result;
  const std::vector<double> weights = gaussian(sigma);
  std::vector<float> line;
  std::vector<double> filtered;
  const auto filter = [&](std::size_t first, int count, std::size_t stride) {
    line.clear();
    for (int i = 0; i < count; ++i) line.push_back(result[first + std::size_t(i) * stride]);
    filtered.assign(line.size(), 0.0);
    add_filtered(line, weights, filtered);
    for (std::size_t i = 0; i < line.size(); ++i) result[first + i * stride] = float(filtered[i]);
  };
  const auto width = std::size_t(cells.columns), plane = std::size_t(cells.cells());
  for (std::size_t first = 0; first < result.size(); first += plane) {
    for (std::size_t c = 0; c < width; ++c) filter(first + c, cells.rows, width);
    for (std::size_t r = 0; r < plane; r += width) filter(first + r, cells.columns, 1);
  }
  return result;
}

/// Converts a length of the publication to whole pixels of this image, at least one.
int whole_pixels(double length, double unit) {
  return std::max(1, int(std::nearbyint(length * unit)));
}

void mirror(std::span<float> planes, const CellGrid& cells) {
  for (std::size_t begin = 0; begin < planes.size(); begin += std::size_t(cells.columns)) {
    std::ranges::reverse(planes.subspan(begin, std::size_t(cells.columns)));
  }
}

enum class Game { kPreserve, kDelete, kDual };

Game game_named(const std::string& word) {
  if (word == "delete") return Game::kDelete;
  return word == "dual" ? Game::kDual : Game::kPreserve;
}

class ExtremalMask {
 public:
  ExtremalMask(ExplanationContext& context, const MethodSettings& settings)
      : context_(context),
        space_(context, "pixels"),
        cells_(space_.cells()),
        unit_(std::min(cells_.rows, cells_.columns) / kSide),
        pyramid_(space_.image(), cells_, kLevels, kMaxBlur * unit_,
                 settings.word("border") == "zero" ? BlurBorder::kZero : BlurBorder::kRenormalised),
        mask_(cells_.rows, cells_.columns, whole_pixels(settings.number("spacing"), unit_),
              settings.number("smoothness") * unit_, context.workspace().threads()),
        game_(game_named(settings.word("variant"))),
        area_(settings.number("area")),
        flips_(settings.word("jitter") == "flip"),
        steps_(settings.count("steps")),
        rate_(settings.number("rate")) {}

  Attribution run(const Progress& progress) {
    std::vector<float> parameters(std::size_t(mask_.rows()) * std::size_t(mask_.columns()), 1.0f);
    std::vector<float> mask;  // on the image
    for (int step = 0; step < steps_; ++step) {
      report_progress(progress, "optimising the mask", step, steps_);
      const std::vector<float> full = mask_.full(parameters);
      mask = mask_.cropped(full);
      std::vector<float> slope = score_gradient(mask, flips_ && step % 2 == 0);
      for (float& s : slope) s = -s;
      std::vector<float> by_full(full.size(), 0.0f);
      mask_.add_cropped_adjoint(slope, by_full);
      area_loss(full, area_, area_weight(step, steps_), by_full);
      descend(mask_.adjoint(by_full), parameters);
    }
    const double size = std::accumulate(mask.begin(), mask.end(), 0.0) / double(mask.size());
    return {.patches = by_patch(mask, cells_.columns, context_.grid()),
            .notes = {fmt::format(
                "the mask covers {:.1f} % of the image; target's value in the last step: {:.3g}",
                100 * size, score_)}};
  }

 private:
  /// Gradient descent with momentum: an exponential mean of the gradients, initialised with the
  /// first.
  void descend(const std::vector<float>& gradient, std::span<float> parameters) {
    if (mean_.empty()) mean_ = gradient;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      mean_[i] = float(kMomentum * double(mean_[i]) + (1 - kMomentum) * double(gradient[i]));
      parameters[i] =
          std::clamp(float(double(parameters[i]) - rate_ * double(mean_[i])), 0.0f, 1.0f);
    }
  }

  /// The copies of the image in a step: true: the masked region is kept; false: it is removed.
  std::vector<bool> copies() const {
    if (game_ == Game::kDual) return {true, false};
    return {game_ == Game::kPreserve};
  }

  /// The gradient of S(kept), −S(removed) or their sum with respect to the mask. The mask of the
  /// removed copy is 1 − m, so both gradients are added.
  std::vector<float> score_gradient(std::span<const float> mask, bool flipped) {
    const std::vector<bool> kept = copies();
    std::vector<float> complement(mask.begin(), mask.end());
    for (float& m : complement) m = 1 - m;
    const auto mask_of = [&](int copy) -> std::span<const float> {
      return kept[std::size_t(copy)] ? mask : std::span<const float>(complement);
    };
    std::vector<float> by_mask(mask.size(), 0.0f), upright(space_.size(), 0.0f);
    space_.each_gradient(
        int(kept.size()),
        [&](int copy, std::span<float> input) {
          pyramid_.apply(mask_of(copy), input);
          if (flipped) mirror(input, cells_);
        },
        [&](int copy, double value, std::span<const float> gradient) {
          if (copy == 0) score_ = value;
          std::ranges::copy(gradient, upright.begin());
          if (flipped) mirror(upright, cells_);
          pyramid_.add_adjoint(mask_of(copy), upright, by_mask);
        },
        "", {});
    return by_mask;
  }

  ExplanationContext& context_;
  InputSpace space_;
  const CellGrid& cells_;
  double unit_;  ///< pixels of this image per pixel of the publication's
  BlurPyramid pyramid_;
  SmoothMask mask_;
  Game game_;
  double area_;
  bool flips_;
  int steps_;
  double rate_;
  std::vector<float> mean_;
  double score_ = 0;  ///< target's value of the first copy in the last step
};

Attribution run_extremal(ExplanationContext& context, const MethodSettings& settings,
                         const Progress& progress) {
  const double smoothness = settings.number("smoothness"), spacing = settings.number("spacing");
  if (smoothness > kMaxKernelWidth * spacing) {
    throw Error("extremal-perturbation: smoothness",
                fmt::format("expected at most {} times the spacing of {}, which limits the "
                            "parameters per pixel, got {}",
                            kMaxKernelWidth, spacing, smoothness));
  }
  return ExtremalMask(context, settings).run(progress);
}

}  // namespace

BlurPyramid::BlurPyramid(std::span<const float> planes, const CellGrid& cells, int levels,
                         double most, BlurBorder border) {
  for (int l = 0; l < levels; ++l) {
    const double sigma = most * (1 - double(l) / (levels - 1));
    if (border == BlurBorder::kZero) {
      levels_.push_back(blurred_with_zeros(planes, cells, sigma));
    } else {
      levels_.emplace_back(planes.begin(), planes.end());
      low_pass(levels_.back(), cells, sigma);
    }
  }
}

void BlurPyramid::apply(std::span<const float> mask, std::span<float> result) const {
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Level level = level_of(mask[i % mask.size()], levels_.size());
    result[i] = float((1 - level.above) * double(levels_[level.below][i]) +
                      level.above * double(levels_[level.next][i]));
  }
}

void BlurPyramid::add_adjoint(std::span<const float> mask, std::span<const float> gradient,
                              std::span<float> by_mask) const {
  const double steps = double(levels_.size() - 1);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const std::size_t pixel = i % mask.size();
    const Level level = level_of(mask[pixel], levels_.size());
    by_mask[pixel] += float(double(gradient[i]) * steps *
                            (double(levels_[level.next][i]) - double(levels_[level.below][i])));
  }
}

double area_loss(std::span<const float> mask, double area, double weight,
                 std::span<float> gradient) {
  std::vector<std::uint32_t> order(mask.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t pixel) { return mask[pixel]; });
  const auto zeros = std::size_t(double(mask.size()) * (1 - area));
  const double count = double(mask.size());
  const auto value = [&](std::size_t rank) { return double(mask[order[rank]]); };
  double loss = 0;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && value(end) - value(begin) <= kTieTolerance) ++end;
    const std::size_t below = std::clamp(zeros, begin, end) - begin, ties = end - begin;
    const double part = double(ties - below) / double(ties);  // fraction of ones in the template
    for (std::size_t rank = begin; rank < end; ++rank) {
      const double v = value(rank);
      loss += (part * (v - 1) * (v - 1) + (1 - part) * v * v) / count;
      gradient[order[rank]] += float(2 * weight * (v - part) / count);
    }
  }
  return loss;
}

Method extremal_perturbation_method() {
  return {
      {.name = "extremal-perturbation",
       .family = MethodFamily::kOptimisation,
       .summary = "smooth mask of given area that maximises the target when the image outside of "
                  "it is blurred",
       .reference =
           "Fong, Patrick and Vedaldi, Understanding Deep Networks via Extremal Perturbations "
           "and Smooth Masks, 2019, section 3, as in the authors' code, TorchRay: lattice, margin, "
           "kernel, pyramid, weights, 800 steps of rate 0.01; lengths in pixels of 224-pixel "
           "images; score: the target's value",
       .cost = "steps · (F + B)",
       .is_signed = false,
       .options =
           {MethodOption::number(
                "area",
                "area of the mask as a fraction of the image with a margin of the smoothness", 0.1,
                0.001, 0.999),
            MethodOption::count("steps", "descent steps", 800, 1, 100000).with_quick("20"),
            MethodOption::number("smoothness",
                                 "width of the mask's kernel in pixels of a 224-pixel image", 21, 1,
                                 224),
            MethodOption::number("spacing",
                                 "spacing of the mask's parameters in pixels of a 224-pixel image",
                                 7, 1, 224),
            MethodOption::number("rate", "learning rate", 0.01, 1e-9, 1e3).with_quick("0.5"),
            MethodOption::choice("variant",
                                 "keep the target (preserve), remove it (delete), or both (dual)",
                                 {"preserve", "delete", "dual"}),
            MethodOption::choice("border",
                                 "blur beyond the image border: zero padding, as in the authors' "
                                 "code, or renormalised weights",
                                 {"zero", "renormalised"}),
            MethodOption::choice("jitter", "mirror the image every second step, or never",
                                 {"flip", "none"})}},
      run_extremal};
}

}  // namespace whyclip
