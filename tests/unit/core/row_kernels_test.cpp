#include "whyclip/core/row_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/support/close.h"
#include "tests/support/random.h"
#include "tests/support/reference.h"

namespace whyclip {
namespace row_kernels_test {

using kernels::ActivationKind;
using testing::all_close;
using testing::random_tensor;

/// Values up to about 10 after a handful of float32 operations; sums over up to 768 of them.
constexpr double kTolerance = 1e-5;

/// Enough rows that the widest case is split among threads, and that vectors do not end with a row.
class Rows : public ::testing::TestWithParam<std::tuple<std::int64_t, int>> {
 protected:
  std::int64_t width = std::get<0>(GetParam());
  int threads = std::get<1>(GetParam());
  std::int64_t rows = 13;
  Tensor x = random_tensor("x", rows, width);
  Tensor scale = random_tensor("scale", 1, width);
  Tensor bias = random_tensor("offset", 1, width);
  Tensor mean{rows, 1}, inverse_sigma{rows, 1};

  Tensor normed() {
    Tensor y(rows, width);
    kernels::layer_norm(x.data(), rows, width, scale.data(), bias.data(), 1e-5f, y.data(),
                        {mean.data(), inverse_sigma.data()}, threads);
    return y;
  }
};

TEST_P(Rows, LayerNormEqualsTheReference) {
  const auto expected =
      reference::layer_norm(reference::matrix_of<double>(x), scale.values(), bias.values(), 1e-5f);
  // A row of width 3 may be nearly constant: 1/σ is then large and amplifies rounding.
  EXPECT_TRUE(all_close(normed().values(), reference::floats_of(expected), kTolerance));
}

TEST_P(Rows, LayerNormSavesMeanAndInverseSigma) {
  normed();
  for (std::int64_t r = 0; r < rows; ++r) {
    double sum = 0, squares = 0;
    for (const float v : x.row(r)) sum += v;
    for (const float v : x.row(r)) squares += std::pow(v - sum / double(width), 2);
    const double sigma = std::sqrt(squares / double(width) + 1e-5f);
    EXPECT_NEAR(mean.data()[r], sum / double(width), kTolerance);
    EXPECT_NEAR(inverse_sigma.data()[r] * sigma, 1, kTolerance);
  }
}

TEST_P(Rows, LayerNormGivesTheSameResultWithoutSavedValues) {
  Tensor y(rows, width);

  kernels::layer_norm(x.data(), rows, width, scale.data(), bias.data(), 1e-5f, y.data(),
                      {nullptr, nullptr}, threads);

  EXPECT_TRUE(all_close(y.values(), normed().values(), 0));
}

TEST_P(Rows, FrozenAdjointOfLayerNormIsTheTransposeOfItsLinearMap) {
  normed();
  const Tensor g = random_tensor("g", 2 * rows, width);  // two targets
  Tensor out(2 * rows, width);
  kernels::layer_norm_frozen_vjp(g.data(), 2 * rows, rows, width, scale.data(),
                                 inverse_sigma.data(), out.data(), threads);

  std::vector<float> expected;
  for (std::int64_t r = 0; r < 2 * rows; ++r) {
    double sum = 0;
    const auto scaled = [&](std::int64_t i) {
      return double(g.row(r)[std::size_t(i)]) * double(scale.values()[std::size_t(i)]);
    };
    for (std::int64_t i = 0; i < width; ++i) sum += scaled(i);
    for (std::int64_t i = 0; i < width; ++i) {
      expected.push_back(
          float((scaled(i) - sum / double(width)) * double(inverse_sigma.data()[r % rows])));
    }
  }
  // Narrow rows have 1/σ of up to some hundreds, which amplifies rounding.
  EXPECT_TRUE(all_close(out.values(), expected, kTolerance * (1 + testing::largest(expected))));
}

TEST_P(Rows, AddEqualsTheSum) {
  const Tensor y = random_tensor("y", rows, width);
  Tensor out(rows, width);

  kernels::add(x.data(), y.data(), rows * width, out.data(), threads);

  for (std::size_t i = 0; i < out.size(); ++i) {
    ASSERT_EQ(out.values()[i], x.values()[i] + y.values()[i]);
  }
}

TEST_P(Rows, AddMayWriteOverItsInput) {
  const Tensor y = random_tensor("y", rows, width);
  Tensor out = x.clone();

  kernels::add(out.data(), y.data(), rows * width, out.data(), threads);

  for (std::size_t i = 0; i < out.size(); ++i) {
    ASSERT_EQ(out.values()[i], x.values()[i] + y.values()[i]);
  }
}

TEST_P(Rows, ScaleEqualsTheProduct) {
  Tensor out(rows, width);

  kernels::scale(x.data(), -3.5f, rows * width, out.data(), threads);

  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out.values()[i], -3.5f * x.values()[i]);
}

TEST_P(Rows, DotEqualsTheDoubleLoop) {
  const Tensor y = random_tensor("y", rows, width);
  double expected = 0;
  for (std::size_t i = 0; i < x.size(); ++i) expected += double(x.values()[i]) * y.values()[i];

  EXPECT_NEAR(kernels::dot(x.data(), y.data(), rows * width), expected, 1e-10);
}

INSTANTIATE_TEST_SUITE_P(Widths, Rows,
                         ::testing::Combine(::testing::Values(1, 3, 17, 100, 768),
                                            ::testing::Values(1, 2)),
                         [](const auto& case_info) {
                           return std::to_string(std::get<0>(case_info.param)) + "on" +
                                  std::to_string(std::get<1>(case_info.param));
                         });

TEST(LayerNorm, IsFiniteForExtremeInputs) {
  const std::vector<float> x{1e4f, -1e4f, 1e4f, 0, 0, 0, 0, 0, 1e4f, 1e4f, 1e4f, 1e4f};
  const std::vector<float> ones(4, 1.0f), zeros(4, 0.0f);
  std::vector<float> y(12);

  kernels::layer_norm(x.data(), 3, 4, ones.data(), zeros.data(), 1e-5f, y.data(),
                      {nullptr, nullptr}, 1);

  EXPECT_TRUE(kernels::all_finite(y.data(), 12));
  EXPECT_EQ(y[8], 0.0f);  // a constant row equals its mean
}

struct Function {
  ActivationKind kind;
  const char* name;
  double (*gate)(double);
  double (*exponent)(double);  ///< exponent inside the gate
};

double quick_gate(double u) { return reference::quick_gelu_gate(u); }
/// σ(e), which is exact where the tanh is near −1.
double tanh_exponent(double u) {
  return 2 * std::sqrt(2 / std::acos(-1.0)) * (u + 0.044715 * u * u * u);
}
double tanh_gate(double u) { return 1 / (1 + std::exp(-tanh_exponent(u))); }

class Gates : public ::testing::TestWithParam<Function> {
 protected:
  /// The gate of the kernel: the frozen adjoint of ones.
  std::vector<float> gates(const std::vector<float>& u, int threads) const {
    const std::vector<float> ones(u.size(), 1.0f);
    std::vector<float> out(u.size());
    kernels::activation_frozen_vjp(GetParam().kind, ones.data(), std::int64_t(u.size()), u.data(),
                                   std::int64_t(u.size()), out.data(), threads);
    return out;
  }

  static std::vector<float> from_minus_ten_to_ten() {
    std::vector<float> u;
    for (int i = -10000; i <= 10000; ++i) u.push_back(float(i) / 1000);
    return u;
  }
};

TEST_P(Gates, EqualTheReferenceUpToTheRoundingOfTheExponent) {
  const std::vector<float> u = from_minus_ten_to_ten();
  for (const int threads : {1, 2}) {
    const std::vector<float> actual = gates(u, threads);
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double expected = GetParam().gate(u[i]);
      // The relative error of exp(e) is at least the absolute error of e: roundings of e · 2⁻²⁴,
      // two for a product, four for the polynomial of the tanh form.
      const int roundings = GetParam().kind == ActivationKind::kGeluTanh ? 4 : 2;
      const double relative = 5e-7 + roundings * std::abs(GetParam().exponent(u[i])) * 0x1p-24;
      ASSERT_NEAR(actual[i], expected, relative * expected) << u[i];
    }
  }
}

TEST_P(Gates, HaveARelativeErrorOf1e6InTheRangeOfActivations) {
  const std::vector<float> u = from_minus_ten_to_ten(), actual = gates(u, 1);
  // The cubic exponent is 11 at −4, and three roundings of 2⁻²⁴ each change it.
  const double relative = GetParam().kind == ActivationKind::kGeluTanh ? 2e-6 : 1e-6;
  for (std::size_t i = 0; i < u.size(); ++i) {
    if (u[i] < -4) continue;
    const double expected = GetParam().gate(u[i]);
    ASSERT_NEAR(actual[i], expected, relative * expected) << u[i];
  }
}

TEST_P(Gates, AreZeroOrOneForLargeInputs) {
  // 1.702 · 52 exceeds the largest exponent of float32, 1.702 · 61 the largest argument of Exp.
  const std::vector<float> u{-1e4f, -1e3f, -100, -62, -55, -53, 53, 62, 100, 1e3f, 1e4f};

  const std::vector<float> actual = gates(u, 1);

  for (std::size_t i = 0; i < u.size(); ++i) {
    EXPECT_NEAR(actual[i], u[i] < 0 ? 0.0 : 1.0, 1e-30) << u[i];
  }
}

TEST_P(Gates, ActivationOfExtremeInputsIsZeroOrTheInput) {
  const std::vector<float> u{-1e4f, -300, 300, 1e4f};
  std::vector<float> y(4);

  kernels::activation(GetParam().kind, u.data(), 4, y.data(), 1);

  EXPECT_TRUE(all_close(y, std::vector<float>{0, 0, 300, 1e4f}, 1e-20));
}

TEST_P(Gates, SlopeOfExtremeInputsIsZeroOrOne) {
  const std::vector<float> u{-1e4f, -300, 300, 1e4f}, ones(4, 1.0f);
  std::vector<float> slopes(4);

  kernels::activation_vjp(GetParam().kind, ones.data(), 4, u.data(), 4, slopes.data(), 1);

  EXPECT_TRUE(all_close(slopes, std::vector<float>{0, 0, 1, 1}, 1e-20));
}

TEST_P(Gates, ActivationIsTheInputTimesItsGate) {
  const Tensor x = random_tensor("x", 100, 101);  // an odd number, enough for two threads
  for (const int threads : {1, 2}) {
    std::vector<float> y(x.size());
    kernels::activation(GetParam().kind, x.data(), std::int64_t(x.size()), y.data(), threads);
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_NEAR(y[i], x.values()[i] * GetParam().gate(x.values()[i]), 1e-6);
    }
  }
}

TEST_P(Gates, AdjointsRepeatTheInputForEachTarget) {
  const std::vector<float> u{-1, 0.5f, 2}, g{1, 1, 1, 10, 10, 10};
  std::vector<float> frozen(6), whole(6);

  kernels::activation_frozen_vjp(GetParam().kind, g.data(), 6, u.data(), 3, frozen.data(), 1);
  kernels::activation_vjp(GetParam().kind, g.data(), 6, u.data(), 3, whole.data(), 1);

  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FLOAT_EQ(frozen[i + 3], 10 * frozen[i]);
    EXPECT_FLOAT_EQ(whole[i + 3], 10 * whole[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Activations, Gates,
    ::testing::Values(Function{ActivationKind::kQuickGelu, "quick_gelu", quick_gate,
                               [](double u) { return u < 0 ? 1.702 * u : 0; }},
                      Function{ActivationKind::kGelu, "gelu", reference::gelu_gate,
                               [](double u) { return u < 0 ? u * u / 2 : 0; }},
                      Function{ActivationKind::kGeluTanh, "gelu_tanh", tanh_gate,
                               [](double u) { return u < 0 ? tanh_exponent(u) : 0; }}),
    [](const auto& case_info) { return std::string(case_info.param.name); });

TEST(AllFinite, FindsANonFiniteValueAtAnyPosition) {
  // Long enough to be split among threads; ends in a partial vector.
  std::vector<float> values(16389, -std::numeric_limits<float>::max());
  const auto count = std::int64_t(values.size());
  ASSERT_TRUE(kernels::all_finite(values.data(), count, 3));
  for (const std::size_t position : {std::size_t(0), std::size_t(5463), std::size_t(16388)}) {
    for (const float bad :
         {-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
      const float before = std::exchange(values[position], bad);
      EXPECT_FALSE(kernels::all_finite(values.data(), count, 3)) << position << ": " << bad;
      EXPECT_FALSE(kernels::all_finite(values.data(), count)) << position << ": " << bad;
      values[position] = before;
    }
  }
}

TEST(AllFinite, FindsNanAndInfinity) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> good{1, -1e38f, 1e38f, 0, 1e38f},
      nan{1, 2, std::numeric_limits<float>::quiet_NaN()}, plus{1, kInfinity, 2},
      minus{-kInfinity, 1, kInfinity};

  EXPECT_TRUE(kernels::all_finite(good.data(), 5));
  EXPECT_FALSE(kernels::all_finite(nan.data(), 3));
  EXPECT_FALSE(kernels::all_finite(plus.data(), 3));
  EXPECT_FALSE(kernels::all_finite(minus.data(), 3));
}

}  // namespace row_kernels_test
}  // namespace whyclip
