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

/// Of row i and column j in rows of `width`.
std::size_t index(int i, int width, int j) {
  return std::size_t(i) * std::size_t(width) + std::size_t(j);
}

}  // namespace

SmoothMask::SmoothMask(int height, int width, double step, double sigma, int threads)
    : height_(height),
      width_(width),
      threads_(threads),
      reach_(1 + int(std::ceil(sigma / step))),
      rows_(std::max(1, int(std::lround(height / step)))),
      columns_(std::max(1, int(std::lround(width / step)))),
      down_(axis(height, rows_)),
      across_(axis(width, columns_)) {
  const auto window = std::size_t(side()) * std::size_t(side());
  const std::size_t count = std::size_t(height) * std::size_t(width);
  weights_.resize(count * window);
  exponentials_.resize(count * window);
  sums_.resize(count);
  maxima_.resize(count);
  whole_.assign(count, 1.0f);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int i = 0; i < side(); ++i) {
        for (int j = 0; j < side(); ++j) {
          const double distance = std::hypot(down_.distance[index(y, side(), i)],
                                             across_.distance[index(x, side(), j)]);
          weights_[place(y, x) * window + index(i, side(), j)] = float(kernel(distance / sigma));
        }
      }
    }
  }
  whole_ = pixels(std::vector<float>(std::size_t(rows_) * std::size_t(columns_), 1.0f));
}

SmoothMask::Axis SmoothMask::axis(int length, int points) const {
  Axis result;
  const double apart = double(length) / points;
  for (int u = 0; u < length; ++u) {
    const int own = std::min(points - 1, int((u + 0.5) / apart));
    result.own.push_back(own);
    for (int d = -reach_; d <= reach_; ++d) {
      result.distance.push_back(u + 0.5 - (own + d + 0.5) * apart);
    }
  }
  for (int p = 0; p < points; ++p) {
    const auto begin = result.own.begin(), end = result.own.end();
    result.first.push_back(int(std::lower_bound(begin, end, p - reach_) - begin));
    result.last.push_back(int(std::upper_bound(begin, end, p + reach_) - begin));
  }
  return result;
}

void SmoothMask::pixel(int y, int x) {
  const auto window = std::size_t(side()) * std::size_t(side());
  const float* weight = &weights_[place(y, x) * window];
  float* exponential = &exponentials_[place(y, x) * window];
  float sum = 0, product = 0;
  std::size_t w = 0;
  for (int i = down_.own[std::size_t(y)] - reach_; i <= down_.own[std::size_t(y)] + reach_; ++i) {
    for (int j = across_.own[std::size_t(x)] - reach_; j <= across_.own[std::size_t(x)] + reach_;
         ++j, ++w) {
      const bool inside = i >= 0 && i < rows_ && j >= 0 && j < columns_;
      const float f = inside ? weight[w] * parameters_[index(i, columns_, j)] : 0;
      exponential[w] = f == 0 ? 1 : std::exp(kColdness * f);
      sum += exponential[w];
      product += f * exponential[w];
    }
  }
  sums_[place(y, x)] = sum;
  maxima_[place(y, x)] = product / sum;
}

std::vector<float> SmoothMask::pixels(std::span<const float> parameters) {
  parameters_.assign(parameters.begin(), parameters.end());
  parallel_for(height_, threads_, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) {
      for (int x = 0; x < width_; ++x) pixel(int(y), x);
    }
  });
  std::vector<float> result = maxima_;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] /= whole_[i];
  return result;
}

std::vector<float> SmoothMask::adjoint(std::span<const float> gradient) const {
  const auto window = std::size_t(side()) * std::size_t(side());
  std::vector<float> result(parameters_.size(), 0.0f), factors(gradient.size(), 0.0f);
  for (std::size_t i = 0; i < factors.size(); ++i)
    factors[i] = gradient[i] / (whole_[i] * sums_[i]);
  // By parameters, so that no two threads add to one.
  parallel_for(std::int64_t(result.size()), threads_, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) {
      const auto row = std::size_t(p / columns_), column = std::size_t(p % columns_);
      double sum = 0;
      for (int y = down_.first[row]; y < down_.last[row]; ++y) {
        for (int x = across_.first[column]; x < across_.last[column]; ++x) {
          const int i = int(row) - down_.own[std::size_t(y)] + reach_,
                    j = int(column) - across_.own[std::size_t(x)] + reach_;
          const std::size_t at = place(y, x), w = at * window + std::size_t(i * side() + j);
          const float f = weights_[w] * parameters_[std::size_t(p)];
          // ∂ smax / ∂f = exp(20 f) / Σ · (1 + 20 (f − m))
          sum += double(factors[at] * weights_[w] * exponentials_[w] *
                        (1 + kColdness * (f - maxima_[at])));
        }
      }
      result[std::size_t(p)] = float(sum);
    }
  });
  return result;
}

}  // namespace whyclip
