// Frozen gains and LRP-ε, for every op that is linear with its gains held constant, against that
// linear map as a dense matrix.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/applied.h"
#include "tests/unit/rules/dense_cases.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/softmax.h"
#include "whyclip/rules/relevance.h"

namespace whyclip {
namespace frozen_test {

using testing::all_close;
using testing::Applied;
using testing::Dense;
using testing::dense_cases;
using testing::DenseCase;
using testing::DenseMaps;
using testing::error_of;
using testing::mentions;

/// Sums of at most 33 products of values of the order of 1, and gains of at most 4.
constexpr double kTolerance = 1e-5;
constexpr std::int64_t kStacks = 3;

class DenseTwin : public ::testing::TestWithParam<std::tuple<std::size_t, const char*>> {
 protected:
  DenseTwin() {
    for (std::size_t k = 0; k < applied.input_count(); ++k) {
      inputs.push_back(reference::matrix_of<double>(applied.in(k)));
    }
    maps = test_case.maps(seed, inputs);
    output = testing::output_of(maps, inputs);
  }

  /// mapᵀ · flow of one target, times a factor for each value of the input.
  static std::vector<float> adjoint(const Dense& map, const std::vector<double>& flow,
                                    const std::vector<double>& factor) {
    std::vector<float> result;
    for (std::int64_t i = 0; i < map.width; ++i) {
      double sum = 0;
      for (std::int64_t o = 0; o < map.rows; ++o) sum += map.at(o, i) * flow[std::size_t(o)];
      result.push_back(float(sum * factor[std::size_t(i)]));
    }
    return result;
  }

  std::vector<double> part(const Tensor& stacked, std::int64_t t, std::size_t size) const {
    const auto values = stacked.values().subspan(std::size_t(t) * size, size);
    return {values.begin(), values.end()};
  }

  const DenseCase& test_case = dense_cases()[std::get<0>(GetParam())];
  const std::string seed = std::get<1>(GetParam());
  const Applied applied{test_case.op(seed), test_case.inputs(seed)};
  std::vector<Dense> inputs;
  DenseMaps maps;
  std::vector<double> output;
};

TEST_P(DenseTwin, EqualsTheOp) {
  std::vector<float> expected(output.begin(), output.end());

  EXPECT_TRUE(all_close(applied.out().values(), expected, kTolerance));
}

TEST_P(DenseTwin, FrozenGainsPropagateBackwardByItsTranspose) {
  const Tensor flow = applied.flow(kStacks, seed + "flow");
  const RuleOutput result = applied.backward(frozen_gains(), flow);
  ASSERT_EQ(result.in.size(), maps.of_input.size());
  for (std::size_t k = 0; k < result.in.size(); ++k) {
    if (maps.of_input[k].rows == 0) {
      EXPECT_TRUE(result.in[k].empty());
      continue;
    }
    const std::size_t size = applied.in(k).size();
    for (std::int64_t t = 0; t < kStacks; ++t) {
      const auto expected =
          adjoint(maps.of_input[k], part(flow, t, output.size()), std::vector<double>(size, 1.0));
      EXPECT_TRUE(all_close(result.in[k].values().subspan(std::size_t(t) * size, size), expected,
                            kTolerance))
          << "input " << k << ", target " << t;
    }
  }
}

TEST_P(DenseTwin, FrozenGainsPropagateForwardByIt) {
  std::vector<Tensor> contributions;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    contributions.push_back(applied.contributions(k, kStacks, seed + "contributions"));
  }
  const Tensor propagated = applied.propagate_forward(frozen_gains(), contributions);
  ASSERT_EQ(propagated.rows(), kStacks * applied.out().rows());
  for (std::int64_t s = 0; s < kStacks; ++s) {
    std::vector<Dense> of_source;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      of_source.push_back(inputs[k]);
      of_source[k].values = part(contributions[k], s, inputs[k].values.size());
    }
    const std::vector<double> sum =
        testing::output_of({maps.of_input, std::vector<double>(output.size(), 0.0)}, of_source);
    const std::vector<float> expected(sum.begin(), sum.end());
    EXPECT_TRUE(
        all_close(propagated.values().subspan(std::size_t(s) * output.size(), output.size()),
                  expected, kTolerance))
        << "source " << s;
  }
}

TEST_P(DenseTwin, FrozenGainsReturnTheAdditiveTermOfEachRow) {
  std::vector<float> scratch, additive_terms;
  for (std::int64_t row = 0; row < applied.out().rows(); ++row) {
    const auto additive_term =
        frozen_gains()->additive_term(applied.op(), applied.context(), row, scratch);
    additive_terms.resize(std::size_t(row * applied.out().width()), 0.0f);
    additive_terms.insert(additive_terms.end(), additive_term.begin(), additive_term.end());
  }
  additive_terms.resize(output.size(), 0.0f);

  EXPECT_TRUE(all_close(
      additive_terms, std::vector<float>(maps.additive_term.begin(), maps.additive_term.end()), 0));
}

// R_i = Σ_o x_i M_oi R_o / (y_o + ε sign(y_o)), Bach et al. 2015, eq. 58; the additive term b keeps
// b_o R_o / (y_o + ε sign(y_o)).
TEST_P(DenseTwin, EpsilonDividesRelevanceByItsTerms) {
  constexpr double kEpsilon = 0.05;
  const Tensor flow = applied.flow(kStacks, seed + "relevance");
  const RuleOutput result = applied.backward(epsilon(kEpsilon), flow);
  const std::int64_t rows = applied.out().rows(), width = applied.out().width();
  std::vector<double> expected_additive_terms(std::size_t(kStacks * rows), 0.0);
  std::vector<double> sizes = expected_additive_terms;  // Σ |terms|: the scale of rounding errors
  for (std::int64_t t = 0; t < kStacks; ++t) {
    std::vector<double> ratio = part(flow, t, output.size());
    if (!test_case.routing) {
      for (std::size_t o = 0; o < ratio.size(); ++o) {
        ratio[o] /= output[o] + (output[o] < 0 ? -kEpsilon : kEpsilon);
      }
    }
    for (std::size_t o = 0; o < ratio.size(); ++o) {
      // Routing passes all relevance of a row, whatever its values.
      const double factor =
          test_case.routing ? (maps.additive_term[o] == 0 ? 0.0 : 1.0) : maps.additive_term[o];
      const std::size_t row = std::size_t(t * rows) + o / std::size_t(width);
      expected_additive_terms[row] += factor * ratio[o];
      sizes[row] += std::abs(factor * ratio[o]);
    }
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      if (maps.of_input[k].rows == 0) continue;
      const std::size_t size = inputs[k].values.size();
      const std::vector<float> expected =
          adjoint(maps.of_input[k], ratio,
                  test_case.routing ? std::vector<double>(size, 1.0) : inputs[k].values);
      // Division by as little as ε multiplies the rounding of y by 1/ε.
      EXPECT_TRUE(all_close(result.in[k].values().subspan(std::size_t(t) * size, size), expected,
                            kTolerance * (1 + testing::largest(expected))))
          << "input " << k << ", target " << t;
    }
  }
  const bool has_additive_term =
      std::ranges::any_of(maps.additive_term, [](double b) { return b != 0; });
  ASSERT_EQ(result.additive_term.empty(), !has_additive_term);
  for (std::size_t r = 0; r < result.additive_term.size(); ++r) {
    EXPECT_NEAR(result.additive_term[r], expected_additive_terms[r], kTolerance * (1 + sizes[r]))
        << "row " << r;
  }
}

std::string case_name(const ::testing::TestParamInfo<DenseTwin::ParamType>& case_info) {
  return dense_cases()[std::get<0>(case_info.param)].name + "_" + std::get<1>(case_info.param);
}

INSTANTIATE_TEST_SUITE_P(All, DenseTwin,
                         ::testing::Combine(::testing::Range(std::size_t{0}, dense_cases().size()),
                                            ::testing::Values("one", "two", "three")),
                         case_name);

TEST(Epsilon, RefusesOpsThatAreNotLinearEvenWithConstantGains) {
  const AttentionMaskPtr mask = AttentionMask::full(1, 2);
  std::vector<Tensor> qk, scores;
  qk.push_back(testing::random_tensor("q", 2, 2));
  qk.push_back(testing::random_tensor("k", 2, 2));
  scores.push_back(testing::random_tensor("scores", 2, 2));
  const Applied product(std::make_shared<AttentionScores>(mask, 1), std::move(qk)),
      softmax(std::make_shared<Softmax>(mask, 1), std::move(scores));

  EXPECT_TRUE(mentions(error_of([&] { product.backward(epsilon(1), product.flow(1)); }),
                       {"epsilon 1", "attention_scores"}));
  EXPECT_TRUE(mentions(error_of([&] { softmax.backward(epsilon(1), softmax.flow(1)); }),
                       {"epsilon 1", "softmax"}));
}

TEST(Epsilon, RefusesAStabiliserThatDoesNotStabilise) {
  for (const double value : {0.0, -1e-3, double(NAN), double(INFINITY)}) {
    EXPECT_TRUE(mentions(error_of([&] { epsilon(value); }), {"epsilon", "above 0"})) << value;
  }
}

TEST(Constant, PassesNothingAndKeepsTheWholeOutput) {
  const DenseCase& linear = dense_cases()[0];
  const Applied applied{linear.op("one"), linear.inputs("one")};
  std::vector<Tensor> contributions;
  contributions.push_back(applied.contributions(0, 2));
  const Tensor flow = applied.flow(2);
  const RuleOutput result = applied.backward(constant(), flow);
  std::vector<float> scratch;

  EXPECT_TRUE(result.in[0].empty());
  EXPECT_TRUE(applied.propagate_forward(constant(), contributions).empty());
  EXPECT_FALSE(constant()->reads(applied.op(), 0));
  for (std::int64_t row = 0; row < applied.out().rows(); ++row) {
    EXPECT_TRUE(all_close(constant()->additive_term(applied.op(), applied.context(), row, scratch),
                          applied.out().row(row), 0));
  }
  // Relevance stays at the op, too.
  ASSERT_EQ(result.additive_term.size(), std::size_t(flow.rows()));
  for (std::int64_t r = 0; r < flow.rows(); ++r) {
    const auto row = flow.row(r);
    EXPECT_NEAR(result.additive_term[std::size_t(r)], std::accumulate(row.begin(), row.end(), 0.0),
                1e-6);
  }
}

}  // namespace frozen_test
}  // namespace whyclip
