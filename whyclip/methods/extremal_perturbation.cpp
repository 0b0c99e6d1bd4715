#include "whyclip/methods/extremal_perturbation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/article/deoptimisation.h"
#include "whyclip/core/error.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/input_gradients.h"
#include "whyclip/methods/smooth_mask.h"

namespace whyclip {
namespace {

/// The side of the publication's images: its lengths are in pixels of these.
constexpr double kSide = 224;

// The authors' program.
constexpr int kLevels = 8;
constexpr double kMostBlur = 20, kMomentum = 0.9;

/// The weight of the area grows with the steps; fewer or more of them than the program's end there
/// too.
double area_weight(int step, int steps) {
  constexpr double kFirst = 300, kGrowth = 1.0035, kSteps = 800;
  return kFirst * std::pow(kGrowth, kSteps * step / steps);
}

/// Mask values so near to each other differ by rounding: at the start every lattice cell's pixels
/// have the same few values.
constexpr double kAlike = 1e-6;

/// The mask's kernel in lattice points: bounds the memory that grows with its square.
constexpr double kMostReach = 4;

/// The level below a mask's value, the next one, and how far the value is above the first. Beyond
/// the last level there is none, so that a pixel of mask 1 has no gradient.
struct Level {
  std::size_t below, next;
  double above;
};

Level level_of(float mask, std::size_t levels) {
  const double position = std::clamp(double(mask), 0.0, 1.0) * double(levels - 1);
  const auto below = std::size_t(position);
  return {below, std::min(levels - 1, below + 1), position - double(below)};
}

/// Half a Gaussian's weights up to 4 deviations, of which the whole sums to 1.
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

/// Adds a line's values under a filter to `result`; beyond the line there are zeros.
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

/// Planes under a Gaussian as the authors' program has it: cut off at 4 deviations, zeros beyond
/// the borders.
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

/// A length of the publication's images in whole pixels of this one, at least one.
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
        pyramid_(space_.image(), cells_, kLevels, kMostBlur * unit_,
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
      report_progress(progress, "steps of the mask", step, steps_);
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
            .notes = {fmt::format("the mask covers {:.1f} % of the image; the target was {:.3g} "
                                  "in the last step",
                                  100 * size, score_)}};
  }

 private:
  /// A running mean of the gradients, which begins at the first, leads the way.
  void descend(const std::vector<float>& gradient, std::span<float> parameters) {
    if (mean_.empty()) mean_ = gradient;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      mean_[i] = float(kMomentum * double(mean_[i]) + (1 - kMomentum) * double(gradient[i]));
      parameters[i] =
          std::clamp(float(double(parameters[i]) - rate_ * double(mean_[i])), 0.0f, 1.0f);
    }
  }

  /// Which copies of the image a step looks at: with the mask kept, or with it removed.
  std::vector<bool> copies() const {
    if (game_ == Game::kDual) return {true, false};
    return {game_ == Game::kPreserve};
  }

  /// Of S(kept), −S(removed), or both, by the mask: S(removed) is taken off, but what is removed
  /// falls where the mask rises, so that both gradients are added.
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
  double unit_;  ///< pixels of this image to one of the publication's
  BlurPyramid pyramid_;
  SmoothMask mask_;
  Game game_;
  double area_;
  bool flips_;
  int steps_;
  double rate_;
  std::vector<float> mean_;
  double score_ = 0;  ///< of the last step's first copy
};

Attribution run_extremal(ExplanationContext& context, const MethodSettings& settings,
                         const Progress& progress) {
  const double smoothness = settings.number("smoothness"), spacing = settings.number("spacing");
  if (smoothness > kMostReach * spacing) {
    throw Error("extremal-perturbation: smoothness",
                fmt::format("expected at most {} times the spacing of {}, or a pixel sees too many "
                            "parameters, got {}",
                            kMostReach, spacing, smoothness));
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
    while (end < order.size() && value(end) - value(begin) <= kAlike) ++end;
    const std::size_t below = std::clamp(zeros, begin, end) - begin, alike = end - begin;
    const double part = double(alike - below) / double(alike);  // of the template's ones
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
       .summary = "the smooth mask of a given area that keeps most of the target when what is "
                  "outside of it is blurred",
       .reference =
           "Fong, Patrick and Vedaldi, Understanding Deep Networks via Extremal Perturbations "
           "and Smooth Masks, 2019, section 3, as the authors' program TorchRay computes it: "
           "lattice, margin, kernel, pyramid, weights, 800 steps of rate 0.01; lengths in pixels "
           "of "
           "images of 224. The score is the target's value",
       .cost = "steps · (F + B)",
       .is_signed = false,
       .options = {MethodOption::number("area",
                                        "of the mask, as a part of the image with the mask's "
                                        "margin, which is the smoothness wide",
                                        0.1, 0.001, 0.999),
                   MethodOption::count("steps", "of descent", 800, 1, 100000),
                   MethodOption::number("smoothness", "width of the mask's kernel", 21, 1, 224),
                   MethodOption::number("spacing", "of the mask's parameters", 7, 1, 224),
                   MethodOption::number("rate", "of learning", 0.01, 1e-9, 1e3),
                   MethodOption::choice("variant",
                                        "what the mask is to do: keep the target, take it away, or "
                                        "both",
                                        {"preserve", "delete", "dual"}),
                   MethodOption::choice("border",
                                        "what the blur takes for pixels beyond the image: zero, "
                                        "as the authors' program; renormalised: none, so that "
                                        "plain ground stays as it is",
                                        {"zero", "renormalised"}),
                   MethodOption::choice("jitter",
                                        "the image is mirrored every second step, or "
                                        "never",
                                        {"flip", "none"})}},
      run_extremal};
}

}  // namespace whyclip
