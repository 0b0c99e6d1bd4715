#pragma once

// Reference implementations of all ops as plain loops, for the tests of kernels and ops. Templated
// on the scalar: double for values, std::complex<double> for derivatives by the complex step
// (Squire and Trapp 1998, https://doi.org/10.1145/838250.838251), which has no cancellation and so
// needs no choice of a step size.

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "whyclip/core/tensor.h"

namespace whyclip::reference {

using Complex = std::complex<double>;

/// A (rows, width) matrix, row-major.
template <class T>
struct Matrix {
  std::int64_t rows = 0, width = 0;
  std::vector<T> values;

  Matrix() = default;
  Matrix(std::int64_t r, std::int64_t w) : rows(r), width(w), values(std::size_t(r * w), T(0)) {}
  T& at(std::int64_t r, std::int64_t c) { return values[std::size_t(r * width + c)]; }
  const T& at(std::int64_t r, std::int64_t c) const { return values[std::size_t(r * width + c)]; }
};

template <class T>
Matrix<T> matrix_of(const Tensor& tensor) {
  Matrix<T> result(tensor.rows(), tensor.width());
  std::transform(tensor.values().begin(), tensor.values().end(), result.values.begin(),
                 [](float v) { return T(double(v)); });
  return result;
}

inline double real_part(double v) { return v; }
inline double real_part(const Complex& v) { return v.real(); }

/// The values (real parts) as float32.
template <class T>
std::vector<float> floats_of(const Matrix<T>& matrix) {
  std::vector<float> result;
  for (const T& v : matrix.values) result.push_back(static_cast<float>(real_part(v)));
  return result;
}

/// γ · (x − mean) / sqrt(variance + ε) + β, per row.
template <class T>
Matrix<T> layer_norm(const Matrix<T>& x, std::span<const float> gamma, std::span<const float> beta,
                     double epsilon) {
  Matrix<T> y(x.rows, x.width);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    T mean(0), variance(0);
    for (std::int64_t c = 0; c < x.width; ++c) mean += x.at(r, c) / double(x.width);
    for (std::int64_t c = 0; c < x.width; ++c) {
      variance += (x.at(r, c) - mean) * (x.at(r, c) - mean) / double(x.width);
    }
    const T sigma = std::sqrt(variance + epsilon);
    for (std::int64_t c = 0; c < x.width; ++c) {
      y.at(r, c) = double(gamma[std::size_t(c)]) * (x.at(r, c) - mean) / sigma +
                   double(beta[std::size_t(c)]);
    }
  }
  return y;
}

/// σ(1.702 u)
template <class T>
T quick_gelu_gate(const T& u) {
  return 1.0 / (1.0 + std::exp(-1.702 * u));
}

/// Φ(u)
inline double gelu_gate(double u) { return 0.5 * std::erfc(-u / std::sqrt(2.0)); }

/// Φ(u) = 1/2 + φ(u) · (u + u³/3 + u⁵/15 + …) (Marsaglia 2004), absolute error about 1e-16.
inline Complex gelu_gate(const Complex& u) {
  Complex term = u, sum = u;
  for (int k = 1; std::abs(term) > 1e-20 * std::abs(sum); ++k) {
    term *= u * u / double(2 * k + 1);
    sum += term;
  }
  return 0.5 + sum * std::exp(-0.5 * u * u) / std::sqrt(2 * std::acos(-1.0));
}

/// (1 + tanh(√(2/π)(u + 0.044715 u³))) / 2
template <class T>
T gelu_tanh_gate(const T& u) {
  return 0.5 * (1.0 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (u + 0.044715 * u * u * u)));
}

/// u · gate(u), elementwise.
template <class T, class Gate>
Matrix<T> gated(const Matrix<T>& x, Gate gate) {
  Matrix<T> y = x;
  for (T& v : y.values) v *= gate(v);
  return y;
}

/// x Wᵀ + b; W is (outputs, inputs), b may be empty.
template <class T>
Matrix<T> linear(const Matrix<T>& x, std::span<const float> weight, std::int64_t outputs,
                 std::span<const float> bias) {
  Matrix<T> y(x.rows, outputs);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t o = 0; o < outputs; ++o) {
      T sum(bias.empty() ? 0.0 : double(bias[std::size_t(o)]));
      for (std::int64_t i = 0; i < x.width; ++i) {
        sum += x.at(r, i) * double(weight[std::size_t(o * x.width + i)]);
      }
      y.at(r, o) = sum;
    }
  }
  return y;
}

/// x / ‖x‖, per row.
template <class T>
Matrix<T> normalise(const Matrix<T>& x) {
  Matrix<T> y = x;
  for (std::int64_t r = 0; r < x.rows; ++r) {
    T square(0);
    for (std::int64_t c = 0; c < x.width; ++c) square += x.at(r, c) * x.at(r, c);
    for (std::int64_t c = 0; c < x.width; ++c) y.at(r, c) /= std::sqrt(square);
  }
  return y;
}

/// Splits images (channel, y, x) into patches (channel, y, x), one per row.
template <class T>
Matrix<T> patchify(const Matrix<T>& images, int rows, int columns, int patch) {
  Matrix<T> y(images.rows * rows * columns, 3 * patch * patch);
  for (std::int64_t i = 0; i < y.rows; ++i) {
    const std::int64_t image = i / (rows * columns), row = i / columns % rows, column = i % columns;
    for (std::int64_t j = 0; j < y.width; ++j) {
      const std::int64_t channel = j / (patch * patch), dy = j / patch % patch, dx = j % patch;
      const std::int64_t line = (channel * rows + row) * patch + dy;
      y.at(i, j) = images.at(image, (line * columns + column) * patch + dx);
    }
  }
  return y;
}

/// Rows of q that attend to the same rows of k and v.
struct Group {
  std::vector<std::int64_t> queries, keys;
};

/// The tokens of each image attend to each other.
inline std::vector<Group> full_groups(std::int64_t images, std::int64_t tokens) {
  std::vector<Group> groups(std::size_t(images), Group{});
  for (std::int64_t i = 0; i < images * tokens; ++i) {
    groups[std::size_t(i / tokens)].queries.push_back(i);
    groups[std::size_t(i / tokens)].keys.push_back(i);
  }
  return groups;
}

/// The same keys with one query per image.
inline std::vector<Group> one_query_groups(std::int64_t images, std::int64_t tokens) {
  std::vector<Group> groups = full_groups(images, tokens);
  for (std::int64_t p = 0; p < images; ++p) groups[std::size_t(p)].queries = {p};
  return groups;
}

/// A node attends to its ancestors, starting at the root, and to itself.
inline std::vector<Group> tree_groups(const std::vector<std::int32_t>& parent) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < parent.size(); ++i) {
    Group group;
    if (parent[i] >= 0) group.keys = groups[std::size_t(parent[i])].keys;
    group.keys.push_back(std::int64_t(i));
    group.queries = {std::int64_t(i)};
    groups.push_back(group);
  }
  return groups;
}

/// f(group, head, query, row of the scores), in the order of the rows.
template <class F>
void each_score_row(const std::vector<Group>& groups, std::int64_t heads, F f) {
  std::int64_t row = 0;
  for (const Group& group : groups) {
    for (std::int64_t head = 0; head < heads; ++head) {
      for (const std::int64_t query : group.queries) f(group, head, query, row++);
    }
  }
}

/// q kᵀ / sqrt(head width); values without a key are zero.
template <class T>
Matrix<T> attention_scores(const std::vector<Group>& groups, std::int64_t heads, const Matrix<T>& q,
                           const Matrix<T>& k) {
  std::size_t most = 0;
  for (const Group& group : groups) most = std::max(most, group.keys.size());
  Matrix<T> scores(heads * q.rows, std::int64_t(most));
  const std::int64_t width = q.width / heads;
  each_score_row(groups, heads, [&](const Group& group, auto head, auto query, auto row) {
    for (std::size_t j = 0; j < group.keys.size(); ++j) {
      T sum(0);
      for (std::int64_t c = head * width; c < (head + 1) * width; ++c) {
        sum += q.at(query, c) * k.at(group.keys[j], c);
      }
      scores.at(row, std::int64_t(j)) = sum / std::sqrt(double(width));
    }
  });
  return scores;
}

/// Softmax over each row's keys.
template <class T>
Matrix<T> attention_softmax(const std::vector<Group>& groups, std::int64_t heads,
                            const Matrix<T>& scores) {
  Matrix<T> pattern(scores.rows, scores.width);
  each_score_row(groups, heads, [&](const Group& group, auto, auto, auto row) {
    const auto keys = std::int64_t(group.keys.size());
    double most = real_part(scores.at(row, 0));
    for (std::int64_t j = 1; j < keys; ++j) most = std::max(most, real_part(scores.at(row, j)));
    T sum(0);
    for (std::int64_t j = 0; j < keys; ++j) sum += std::exp(scores.at(row, j) - most);
    for (std::int64_t j = 0; j < keys; ++j) {
      pattern.at(row, j) = std::exp(scores.at(row, j) - most) / sum;
    }
  });
  return pattern;
}

/// Σ pattern · v
template <class T>
Matrix<T> attention_mix(const std::vector<Group>& groups, std::int64_t heads,
                        const Matrix<T>& pattern, const Matrix<T>& v) {
  Matrix<T> out(pattern.rows / heads, v.width);
  const std::int64_t width = v.width / heads;
  each_score_row(groups, heads, [&](const Group& group, auto head, auto query, auto row) {
    for (std::size_t j = 0; j < group.keys.size(); ++j) {
      for (std::int64_t c = head * width; c < (head + 1) * width; ++c) {
        out.at(query, c) += pattern.at(row, std::int64_t(j)) * v.at(group.keys[j], c);
      }
    }
  });
  return out;
}

template <class T>
Matrix<T> attention(const std::vector<Group>& groups, std::int64_t heads, const Matrix<T>& q,
                    const Matrix<T>& k, const Matrix<T>& v) {
  return attention_mix(groups, heads,
                       attention_softmax(groups, heads, attention_scores(groups, heads, q, k)), v);
}

/// The gradient of Σ g · f(x) with respect to every value of x, by the complex step.
template <class F>
std::vector<float> gradient(F f, const Matrix<Complex>& x, const Tensor& g) {
  constexpr double kStep = 1e-30;
  std::vector<float> result;
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    Matrix<Complex> shifted = x;
    shifted.values[i] += Complex(0, kStep);
    const Matrix<Complex> y = f(shifted);
    double sum = 0;
    for (std::size_t o = 0; o < y.values.size(); ++o) {
      sum += double(g.values()[o]) * (y.values[o].imag() / kStep);
    }
    result.push_back(static_cast<float>(sum));
  }
  return result;
}

}  // namespace whyclip::reference
