#include "whyclip/methods/smooth_mask.h"

#include <algorithm>
#include <cmath>

#include "whyclip/core/parallel.h"

namespace whyclip {
namespace {

/// 1 / temperature of the smooth maximum.
constexpr float kColdness = 20;

double kernel(double z) {
  const double beyond = std::max(0.0, z - 0.5);
  return std::exp(-2 * beyond * beyond);
}

int parts(int length, int of) { return (length + of - 1) / of; }

/// The index of row i and column j in rows of `width`.
std::size_t index(int i, int width, int j) {
  return std::size_t(i) * std::size_t(width) + std::size_t(j);
}

}  // namespace

SmoothMask::SmoothMask(int height, int width, int step, double sigma, int threads)
    : height_(height),
      width_(width),
      step_(step),
      threads_(threads),
      margin_(int(std::nearbyint(sigma))),
      radius_(1 + int(std::ceil(sigma / step))),
      padding_(1 + int(std::ceil(2 * sigma / step))),
      down_(axis(height)),
      across_(axis(width)) {
  const std::size_t count = std::size_t(down_.length) * std::size_t(across_.length);
  exponentials_.resize(count * window());
  sums_.resize(count);
  maxima_.resize(count);
  // Distance from the first pixel of a cell's window; the margin is sigma on one side.
  const auto distance = [&](int phase, int k) { return phase + step * (padding_ - k) - sigma; };
  for (int y = 0; y < step; ++y) {
    for (int x = 0; x < step; ++x) {
      for (int i = 0; i < side(); ++i) {
        for (int j = 0; j < side(); ++j) {
          weights_.push_back(float(kernel(std::hypot(distance(y, i), distance(x, j)) / sigma)));
        }
      }
    }
  }
}

SmoothMask::Axis SmoothMask::axis(int image) const {
  Axis result;
  result.points = parts(image, step_);
  // The margin of the authors' code is too narrow for some kernels that are hardly wider than a
  // step.
  const int cells =
      std::max(result.points + 2 * (padding_ - radius_), parts(margin_ + image + step_ - 1, step_));
  result.length = step_ * (cells - 1) + 1;
  for (int p = 0; p < result.points; ++p) {
    const int first = std::max(0, p + padding_ - 2 * radius_), last = p + padding_ + 1;
    result.first.push_back(std::min(result.length, step_ * first));
    result.last.push_back(std::min(result.length, step_ * last));
  }
  return result;
}

void SmoothMask::pixel(int y, int x) {
  const float* weight = weights_at(y, x);
  float* exponential = &exponentials_[position(y, x) * window()];
  const int top = y / step_ - padding_, left = x / step_ - padding_;
  float sum = 0, product = 0;
  std::size_t w = 0;
  for (int i = top; i < top + side(); ++i) {
    for (int j = left; j < left + side(); ++j, ++w) {
      const bool inside = i >= 0 && i < rows() && j >= 0 && j < columns();
      const float f = inside ? weight[w] * parameters_[index(i, columns(), j)] : 0;
      exponential[w] = f == 0 ? 1 : std::exp(kColdness * f);
      sum += exponential[w];
      product += f * exponential[w];
    }
  }
  sums_[position(y, x)] = sum;
  maxima_[position(y, x)] = product / sum;
}

std::vector<float> SmoothMask::full(std::span<const float> parameters) {
  parameters_.assign(parameters.begin(), parameters.end());
  parallel_for(full_rows(), threads_, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) {
      for (int x = 0; x < full_columns(); ++x) pixel(int(y), x);
    }
  });
  return maxima_;
}

std::vector<float> SmoothMask::cropped(std::span<const float> full) const {
  std::vector<float> result;
  result.reserve(std::size_t(height_) * std::size_t(width_));
  for (int y = 0; y < height_; ++y) {
    const auto row = full.subspan(position(y + margin_, margin_), std::size_t(width_));
    result.insert(result.end(), row.begin(), row.end());
  }
  return result;
}

void SmoothMask::add_cropped_adjoint(std::span<const float> gradient, std::span<float> full) const {
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      full[position(y + margin_, x + margin_)] += gradient[index(y, width_, x)];
    }
  }
}

std::vector<float> SmoothMask::adjoint(std::span<const float> gradient) const {
  std::vector<float> result(parameters_.size(), 0.0f), factors(gradient.size(), 0.0f);
  for (std::size_t i = 0; i < factors.size(); ++i) factors[i] = gradient[i] / sums_[i];
  // Parallel over parameters, so that each sum belongs to one thread.
  parallel_for(std::int64_t(result.size()), threads_, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) {
      const auto row = std::size_t(p / columns()), column = std::size_t(p % columns());
      double sum = 0;
      for (int y = down_.first[row]; y < down_.last[row]; ++y) {
        for (int x = across_.first[column]; x < across_.last[column]; ++x) {
          const int i = int(row) - (y / step_ - padding_), j = int(column) - (x / step_ - padding_);
          const auto w = std::size_t(i) * std::size_t(side()) + std::size_t(j);
          const std::size_t at = position(y, x);
          const float weight = weights_at(y, x)[w], f = weight * parameters_[std::size_t(p)];
          // ∂ smax / ∂f = exp(20 f) / Σ · (1 + 20 (f − m))
          sum += double(factors[at] * weight * exponentials_[at * window() + w] *
                        (1 + kColdness * (f - maxima_[at])));
        }
      }
      result[std::size_t(p)] = float(sum);
    }
  });
  return result;
}

}  // namespace whyclip
