// TextSpan against cases with known results, and against a literal implementation of its
// definition.

#include "whyclip/attribution/text_span.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/support/random.h"

namespace whyclip {
namespace text_span_test {

using testing::error_of;
using testing::mentions;
using Vector = std::vector<double>;
using Rows = std::vector<Vector>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Rows random_rows(const std::string& name, std::size_t count, std::size_t width) {
  const Tensor values = testing::random_tensor(name, std::int64_t(count), std::int64_t(width));
  Rows rows;
  for (std::size_t r = 0; r < count; ++r) {
    const auto row = values.row(std::int64_t(r));
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

Vector flat(const Rows& rows) {
  Vector result;
  for (const Vector& row : rows) result.insert(result.end(), row.begin(), row.end());
  return result;
}

VectorSums sums_of(const Rows& basis, const Rows& coordinates) {
  VectorSums sums(flat(basis), std::int64_t(basis.size()));
  for (const Vector& u : coordinates) sums.add(u);
  return sums;
}

Rows unit_basis(std::size_t width) {
  Rows basis(width, Vector(width, 0.0));
  for (std::size_t i = 0; i < width; ++i) basis[i][i] = 1;
  return basis;
}

TEST(TextSpan, ChoosesOrthogonalTextsByTheVarianceAlongThem) {
  // Variances 1, 9 and 4 along the axes, independent of each other, around a mean that is not zero.
  Rows vectors;
  for (const double x : {-1, 1}) {
    for (const double y : {-3, 3}) {
      for (const double z : {-2, 2}) vectors.push_back({5 + x, 7 + y, z});
    }
  }
  const TextSpan span = text_span(sums_of(unit_basis(3), vectors), flat(unit_basis(3)), 9);
  ASSERT_EQ(span.texts.size(), 3u);
  EXPECT_EQ(span.rank, 3);
  EXPECT_NEAR(span.variance, 14, 1e-12);
  const std::pair<std::size_t, double> expected[] = {{1, 9.0 / 14}, {2, 4.0 / 14}, {0, 1.0 / 14}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(span.texts[i].text, expected[i].first);
    EXPECT_NEAR(span.texts[i].explained, expected[i].second, 1e-12);
  }
  EXPECT_NEAR(span.explained(), 1, 1e-12);
}

TEST(TextSpan, ChoosesByTheProductWithTheTextSoThatLongerTextsComeFirst) {
  // Variance 4 along x and 1 along y: 4 · 1² < 1 · 3².
  const Rows vectors{{2, 1}, {-2, 1}, {2, -1}, {-2, -1}};
  const TextSpan span = text_span(sums_of(unit_basis(2), vectors), Vector{1, 0, 0, 3}, 1);
  ASSERT_EQ(span.texts.size(), 1u);
  EXPECT_EQ(span.texts[0].text, 1u);
  EXPECT_NEAR(span.texts[0].explained, 0.2, 1e-12);
}

TEST(TextSpan, DoesNotChooseTheSameDirectionTwice) {
  const Rows vectors{{2, 1}, {-2, 1}, {2, -1}, {-2, -1}};
  // The first and the second text have the same direction.
  const TextSpan span = text_span(sums_of(unit_basis(2), vectors), Vector{1, 0, 2, 0, 1, 1}, 9);
  ASSERT_EQ(span.texts.size(), 2u);
  EXPECT_EQ(span.texts[0].text, 1u);
  EXPECT_EQ(span.texts[1].text, 2u);
  EXPECT_NEAR(span.texts[1].explained, 0.2, 1e-12);
}

/// The algorithm on the vectors themselves, step by step; `texts` are in their span.
std::vector<SpanText> literal_text_span(Rows vectors, Rows texts, int most) {
  Vector mean(vectors[0].size(), 0.0);
  for (const Vector& c : vectors) {
    for (std::size_t i = 0; i < c.size(); ++i) mean[i] += c[i] / double(vectors.size());
  }
  double total = 0;
  for (Vector& c : vectors) {
    for (std::size_t i = 0; i < c.size(); ++i) c[i] -= mean[i];
    total += dot(c, c);
  }
  std::vector<SpanText> result;
  for (int step = 0; step < most; ++step) {
    std::size_t best = 0;
    double largest = -1;
    for (std::size_t t = 0; t < texts.size(); ++t) {
      double sum = 0;
      for (const Vector& c : vectors) sum += dot(c, texts[t]) * dot(c, texts[t]);
      if (sum > largest) best = t;
      largest = std::max(largest, sum);
    }
    const Vector chosen = texts[best];
    result.push_back({best, largest / dot(chosen, chosen) / total});
    const auto remove = [&](Vector& x) {
      const double along = dot(x, chosen) / dot(chosen, chosen);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] -= along * chosen[i];
    };
    for (Vector& c : vectors) remove(c);
    for (Vector& t : texts) remove(t);
  }
  return result;
}

/// The projection of each row onto the span of `spanning`, by Gram–Schmidt.
Rows projected(const Rows& rows, const Rows& spanning) {
  Rows frame;
  for (Vector v : spanning) {
    for (int twice = 0; twice < 2; ++twice) {
      for (const Vector& f : frame) {
        const double along = dot(v, f);
        for (std::size_t i = 0; i < v.size(); ++i) v[i] -= along * f[i];
      }
    }
    const double length = std::sqrt(dot(v, v));
    if (length < 1e-9) continue;
    for (double& x : v) x /= length;
    frame.push_back(v);
  }
  Rows result;
  for (const Vector& row : rows) {
    Vector sum(row.size(), 0.0);
    for (const Vector& f : frame) {
      const double along = dot(row, f);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += along * f[i];
    }
    result.push_back(sum);
  }
  return result;
}

TEST(TextSpan, EqualsTheAlgorithmOnTheVectors) {
  // A head of 6 channels in a joint space of 10, with one channel that depends on two others; with
  // more and with fewer vectors than dimensions.
  Rows basis = random_rows("basis", 6, 10);
  for (std::size_t i = 0; i < 10; ++i) basis[5][i] = basis[0][i] - 2 * basis[3][i];
  const Rows texts = random_rows("texts", 50, 10);
  for (const std::size_t count : {std::size_t{40}, std::size_t{4}}) {
    Rows coordinates = random_rows("coordinates", count, 6), vectors;
    for (Vector& u : coordinates) {
      for (double& v : u) v += 3;  // far from zero
      Vector c(10, 0.0);
      for (std::size_t a = 0; a < 6; ++a) {
        for (std::size_t i = 0; i < 10; ++i) c[i] += u[a] * basis[a][i];
      }
      vectors.push_back(c);
    }
    const TextSpan span = text_span(sums_of(basis, coordinates), flat(texts), 3);
    const std::vector<SpanText> expected = literal_text_span(vectors, projected(texts, vectors), 3);
    EXPECT_EQ(span.rank, std::min<std::int64_t>(5, std::int64_t(count)));
    ASSERT_EQ(span.texts.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(span.texts[i].text, expected[i].text) << count << " " << i;
      EXPECT_NEAR(span.texts[i].explained, expected[i].explained, 1e-9) << count << " " << i;
    }
  }
}

TEST(TextSpan, ExplainsEverythingOnceTheTextsSpanTheSpace) {
  const Rows vectors = random_rows("vectors", 30, 5), texts = random_rows("texts", 12, 5);
  const TextSpan span = text_span(sums_of(unit_basis(5), vectors), flat(texts), 100);
  EXPECT_EQ(span.texts.size(), 5u);
  EXPECT_NEAR(span.explained(), 1, 1e-10);
  for (const SpanText& text : span.texts) EXPECT_GT(text.explained, 0);
}

TEST(TextSpan, RefusesVectorsWithoutVarianceAndWrongSizes) {
  EXPECT_TRUE(mentions(error_of([] {
                         text_span(sums_of(unit_basis(2), {{1, 2}}), Vector{1, 0}, 1);
                       }),
                       {"at least two vectors"}));
  EXPECT_TRUE(mentions(error_of([] {
                         text_span(sums_of(unit_basis(2), {{1, 2}, {1, 2}}), Vector{1, 0}, 1);
                       }),
                       {"do not differ"}));
  EXPECT_TRUE(mentions(error_of([] {
                         text_span(sums_of(unit_basis(2), {{1, 2}, {2, 2}}), Vector{1, 0, 1}, 1);
                       }),
                       {"2 values each", "got 3"}));
  EXPECT_TRUE(mentions(error_of([] { VectorSums({1, 2, 3}, 2); }), {"2 vectors", "3 values"}));
  EXPECT_TRUE(mentions(error_of([] {
                         VectorSums({1, 2}, 2).add(Vector{1});
                       }),
                       {"2 coordinates", "got 1"}));
}

}  // namespace text_span_test
}  // namespace whyclip
