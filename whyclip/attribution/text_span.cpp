#include "whyclip/attribution/text_span.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/core/matrix_blocks.h"
#include "whyclip/core/symmetric_eigen.h"

namespace whyclip {
namespace {

/// Squares below this fraction of the largest are rounding errors.
constexpr double kRounding = 1e-12;

/// A (rows, width) matrix in double.
struct Matrix {
  std::int64_t rows, width;
  std::vector<double> values;

  Matrix(std::int64_t r, std::int64_t w) : rows(r), width(w), values(std::size_t(r * w)) {}
  Matrix(std::int64_t r, std::int64_t w, std::vector<double> v)
      : rows(r), width(w), values(std::move(v)) {}
  MatrixBlock<const double> block() const { return {values.data(), rows, width, width}; }
  std::span<double> row(std::int64_t r) {
    return std::span(values).subspan(std::size_t(r * width), std::size_t(width));
  }
  std::span<const double> row(std::int64_t r) const {
    return std::span(values).subspan(std::size_t(r * width), std::size_t(width));
  }
};

/// a · bᵀ
Matrix times_transposed(MatrixBlock<const double> a, MatrixBlock<const double> b) {
  Matrix out(a.rows, b.rows);
  multiply_transposed<double>(a, b, 1.0, {out.values.data(), out.rows, out.width, out.width},
                              Into::kReplace);
  return out;
}

/// a · b
Matrix times(const Matrix& a, MatrixBlock<const double> b) {
  Matrix out(a.rows, b.width);
  multiply<double>(a.block(), b, 1.0, {out.values.data(), out.rows, out.width, out.width},
                   Into::kReplace);
  return out;
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double trace(const Matrix& matrix) {
  double sum = 0;
  for (std::int64_t r = 0; r < matrix.rows; ++r) sum += matrix.row(r)[std::size_t(r)];
  return sum;
}

/// The eigenvectors of nonzero eigenvalues as rows, each times a power of its eigenvalue.
Matrix eigenvectors(const Matrix& symmetric, double power) {
  const std::int64_t n = symmetric.rows;
  const SymmetricEigen eigen = symmetric_eigen(symmetric.values, n);
  std::int64_t rank = 0;
  while (rank < n && eigen.values[std::size_t(rank)] > kRounding * eigen.values[0]) ++rank;
  Matrix result(rank, n);
  for (std::int64_t r = 0; r < rank; ++r) {
    const double factor = std::pow(eigen.values[std::size_t(r)], power);
    for (std::int64_t k = 0; k < n; ++k) {
      result.row(r)[std::size_t(k)] = factor * eigen.vectors[std::size_t(r * n + k)];
    }
  }
  return result;
}

/// The vectors in orthonormal coordinates of their span.
struct Coordinates {
  Matrix frame;       ///< (rank, width): orthonormal directions of the joint space
  Matrix covariance;  ///< (rank, rank)
  double square = 0;  ///< mean of ‖c_k‖²
};

Coordinates coordinates_of(const VectorSums& vectors) {
  const std::int64_t channels = vectors.channels, width = vectors.width();
  const auto count = double(vectors.count);
  const MatrixBlock<const double> basis{vectors.basis.data(), channels, width, width};
  const Matrix gram = times_transposed(basis, basis);
  // With gram = V Λ Vᵀ: Λ^½ Vᵀ u are the coordinates of Σ u_a b_a in the directions Λ^−½ Vᵀ b.
  const Matrix to_frame = eigenvectors(gram, 0.5), inverse = eigenvectors(gram, -0.5);
  Matrix moments(channels, channels, vectors.products);
  for (double& v : moments.values) v /= count;
  const Matrix second =
      times_transposed(times(to_frame, moments.block()).block(), to_frame.block());
  const Matrix span = eigenvectors(second, 0);
  const Matrix to_span = times(span, to_frame.block());
  Coordinates result{
      .frame = times(times(span, inverse.block()), basis),
      .covariance = times_transposed(times(to_span, moments.block()).block(), to_span.block())};
  result.square = trace(result.covariance);
  std::vector<double> mean;
  for (std::int64_t r = 0; r < to_span.rows; ++r) {
    mean.push_back(dot(to_span.row(r), vectors.sum) / count);
  }
  for (std::int64_t r = 0; r < to_span.rows; ++r) {
    for (std::int64_t k = 0; k < to_span.rows; ++k) {
      result.covariance.row(r)[std::size_t(k)] -= mean[std::size_t(r)] * mean[std::size_t(k)];
    }
  }
  return result;
}

/// Projects a direction of length 1 out of the rows.
void project_out(Matrix& rows, std::span<const double> direction) {
  for (std::int64_t r = 0; r < rows.rows; ++r) {
    const std::span<double> row = rows.row(r);
    const double along = dot(row, direction);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] -= along * direction[i];
  }
}

Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.width, matrix.rows);
  for (std::int64_t r = 0; r < matrix.rows; ++r) {
    for (std::int64_t k = 0; k < matrix.width; ++k) {
      result.row(k)[std::size_t(r)] = matrix.row(r)[std::size_t(k)];
    }
  }
  return result;
}

}  // namespace

VectorSums::VectorSums(std::vector<double> basis_, std::int64_t channels_)
    : basis(std::move(basis_)),
      channels(channels_),
      sum(std::size_t(channels_), 0.0),
      products(std::size_t(channels_ * channels_), 0.0) {
  if (channels < 1 || basis.empty() || std::int64_t(basis.size()) % channels != 0) {
    throw Error("basis", fmt::format("expected {} vectors of equal width, got {} values in all",
                                     channels, basis.size()));
  }
}

void VectorSums::add(std::span<const double> coordinates) {
  if (std::int64_t(coordinates.size()) != channels) {
    throw Error("vector",
                fmt::format("expected {} coordinates, got {}", channels, coordinates.size()));
  }
  ++count;
  for (std::size_t a = 0; a < coordinates.size(); ++a) {
    sum[a] += coordinates[a];
    for (std::size_t b = 0; b < coordinates.size(); ++b) {
      products[a * coordinates.size() + b] += coordinates[a] * coordinates[b];
    }
  }
}

double TextSpan::explained() const {
  double sum = 0;
  for (const SpanText& text : texts) sum += text.explained;
  return sum;
}

TextSpan text_span(const VectorSums& vectors, std::span<const double> texts, int most) {
  const std::int64_t width = vectors.width();
  if (vectors.count < 2) throw Error("text span", "expected at least two vectors");
  if (texts.empty() || std::int64_t(texts.size()) % width != 0) {
    throw Error("text span", fmt::format("expected texts of {} values each, got {} in all", width,
                                         texts.size()));
  }
  Coordinates space = coordinates_of(vectors);
  const std::int64_t count = std::int64_t(texts.size()) / width;
  TextSpan result{.texts = {}, .variance = trace(space.covariance), .rank = space.frame.rows};
  if (!(result.variance > kRounding * space.square)) {
    throw Error("text span", "the vectors do not differ: there is no variance to explain");
  }
  Matrix rows = times_transposed({texts.data(), count, width, width}, space.frame.block());
  double longest = 0;
  for (std::int64_t t = 0; t < count; ++t)
    longest = std::max(longest, dot(rows.row(t), rows.row(t)));
  while (int(result.texts.size()) < most) {
    const Matrix spread = times(rows, space.covariance.block());
    std::int64_t best = -1;
    double best_variance = kRounding * longest * result.variance;
    for (std::int64_t t = 0; t < count; ++t) {
      const double variance = dot(spread.row(t), rows.row(t));
      if (variance <= best_variance) continue;
      best = t;
      best_variance = variance;
    }
    if (best < 0) break;
    const std::span<const double> chosen = rows.row(best);
    std::vector<double> direction(chosen.begin(), chosen.end());
    const double square = dot(direction, direction);
    for (double& v : direction) v /= std::sqrt(square);
    result.texts.push_back({std::size_t(best), best_variance / square / result.variance});
    project_out(rows, direction);
    project_out(space.covariance, direction);
    space.covariance = transposed(space.covariance);
    project_out(space.covariance, direction);
  }
  return result;
}

}  // namespace whyclip
