#include "whyclip/core/softmax_path.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/close.h"
#include "tests/support/random.h"
#include "tests/support/reference.h"
#include "whyclip/ops/attention_mask.h"

namespace whyclip {
namespace softmax_path_test {

using testing::all_close;
using testing::random_tensor;

/// A Jacobian's entries are at most 1/4; a few hundred float32 operations on vectors of the order
/// of 1.
constexpr double kTolerance = 2e-6;

struct MaskCase {
  const char* name;
  AttentionMaskPtr mask;
  std::vector<reference::Group> groups;
};

const std::vector<std::int32_t> kTree{-1, 0, 1, 1, 3, 0, 5, 2, 6};

std::vector<MaskCase> mask_cases() {
  return {{"full", AttentionMask::full(2, 7), reference::full_groups(2, 7)},
          {"image", AttentionMask::full(1, 145), reference::full_groups(1, 145)},
          {"one_token", AttentionMask::full(3, 1), reference::full_groups(3, 1)},
          {"one_query", AttentionMask::full_one_query(3, 50), reference::one_query_groups(3, 50)},
          {"tree", AttentionMask::tree(kTree), reference::tree_groups(kTree)}};
}

/// Σ_k w_k p_k ⊙ (x − p_k · x) in float64 for one stack.
reference::Matrix<double> path(const MaskCase& mask_case, std::int64_t heads,
                               const reference::Matrix<double>& scores, const Quadrature& rule,
                               const reference::Matrix<double>& x) {
  reference::Matrix<double> out(scores.rows, scores.width);
  for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
    reference::Matrix<double> scaled = scores;
    for (double& s : scaled.values) s *= rule.nodes[k];
    const auto p = reference::attention_softmax(mask_case.groups, heads, scaled);
    for (std::int64_t r = 0; r < scores.rows; ++r) {
      double along = 0;
      for (std::int64_t j = 0; j < scores.width; ++j) along += p.at(r, j) * x.at(r, j);
      for (std::int64_t j = 0; j < scores.width; ++j) {
        out.at(r, j) += rule.weights[k] * p.at(r, j) * (x.at(r, j) - along);
      }
    }
  }
  return out;
}

class SoftmaxPath : public ::testing::TestWithParam<std::tuple<int, int, int, int>> {
 protected:
  MaskCase mask_case = mask_cases()[std::size_t(std::get<0>(GetParam()))];
  std::int64_t heads = std::get<1>(GetParam());
  Quadrature rule = gauss_legendre(std::get<2>(GetParam()));
  int threads = std::get<3>(GetParam());
  std::int64_t rows = mask_case.mask->score_rows(heads), keys = mask_case.mask->most_keys();

  Tensor apply(const Tensor& scores, const Tensor& x) const {
    Tensor out(x.rows(), x.width());
    out.fill(7);  // the previous values must not matter
    kernels::attention_softmax_path(mask_case.mask->layout(heads, 1), scores.data(), {&rule, 1},
                                    x.data(), x.rows() / rows, out.data(), threads);
    return out;
  }
};

TEST_P(SoftmaxPath, EqualsTheDoubleLoopForEachStackedVector) {
  constexpr std::int64_t kStacks = 3;
  Tensor scores = random_tensor("scores", rows, keys);
  for (float& s : scores.values()) s *= 3;
  const Tensor x = random_tensor("x", kStacks * rows, keys);
  const Tensor out = apply(scores, x);
  for (std::int64_t s = 0; s < kStacks; ++s) {
    const std::size_t size = scores.size(), at = std::size_t(s) * size;
    const Tensor alone = Tensor::from(rows, keys, x.values().subspan(at, size));
    const auto expected = path(mask_case, heads, reference::matrix_of<double>(scores), rule,
                               reference::matrix_of<double>(alone));
    EXPECT_TRUE(
        all_close(out.values().subspan(at, size), reference::floats_of(expected), kTolerance))
        << "stack " << s;
  }
}

std::string case_name(const ::testing::TestParamInfo<SoftmaxPath::ParamType>& case_info) {
  const auto& [mask_case, heads, nodes, threads] = case_info.param;
  return std::string(mask_cases()[std::size_t(mask_case)].name) + "_" + std::to_string(heads) +
         "heads_" + std::to_string(nodes) + "nodes_on" + std::to_string(threads);
}

INSTANTIATE_TEST_SUITE_P(Kernels, SoftmaxPath,
                         ::testing::Combine(::testing::Range(0, 5), ::testing::Values(1, 3),
                                            ::testing::Values(1, 8), ::testing::Values(1, 2)),
                         case_name);

class SoftmaxPathOfScores : public SoftmaxPath {};

// The integral of the derivative along the path is the difference of its ends.
TEST_P(SoftmaxPathOfScores, PlusTheUniformPatternEqualsTheSoftmax) {
  const Tensor scores = random_tensor("scores", rows, keys);
  Tensor sum = apply(scores, scores), pattern(rows, keys);
  kernels::attention_softmax(mask_case.mask->layout(heads, 1), scores.data(), pattern.data(),
                             threads);
  reference::each_score_row(mask_case.groups, heads,
                            [&](const reference::Group& group, auto, auto, std::int64_t row) {
                              for (std::size_t j = 0; j < group.keys.size(); ++j) {
                                sum.row(row)[j] += 1.0f / float(group.keys.size());
                              }
                            });

  // Scores between −1.7 and 1.7: the error of 8 nodes is far below float32's.
  EXPECT_TRUE(all_close(sum.values(), pattern.values(), 1e-6));
}

INSTANTIATE_TEST_SUITE_P(Kernels, SoftmaxPathOfScores,
                         ::testing::Combine(::testing::Range(0, 5), ::testing::Values(1, 3),
                                            ::testing::Values(8), ::testing::Values(1, 2)),
                         case_name);

TEST(SoftmaxPathOfExtremeScores, IsFinite) {
  const AttentionMaskPtr mask = AttentionMask::full(1, 3);
  const std::vector<float> scores{3e4f, -3e4f, 0, 1e30f, 0, 0, -1e30f, -1e30f, -1e30f},
      x{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<float> out(9, 0.0f);

  const Quadrature eight = gauss_legendre(8);
  kernels::attention_softmax_path(mask->layout(1, 1), scores.data(), {&eight, 1}, x.data(), 1,
                                  out.data(), 1);

  // With all weight on one key the Jacobian is 0; for equal scores the result is (x − mean) / 3.
  EXPECT_TRUE(all_close(out, std::vector<float>{0, 0, 0, 0, 0, 0, -1 / 3.0f, 0, 1 / 3.0f}, 1e-6));
}

TEST(SoftmaxPath, UsesMoreNodesForAWiderSpreadOfScores) {
  const AttentionMaskPtr mask = AttentionMask::full_one_query(1, 3);
  std::vector<Quadrature> quadratures;
  for (int nodes = 8; nodes <= 40; ++nodes) quadratures.push_back(gauss_legendre(nodes));
  for (const float spread : {1.0f, 9.0f, 30.0f, 47.0f}) {
    const std::vector<float> scores{0, 0.4f * spread, spread};
    std::vector<float> moved(3);
    kernels::attention_softmax_path(mask->layout(1, 1), scores.data(), quadratures, scores.data(),
                                    1, moved.data(), 1);
    double sum = 0;
    for (const float s : scores) sum += std::exp(double(s) - double(spread));
    for (std::size_t j = 0; j < 3; ++j) {
      // Uniform start + path = softmax; eight nodes would have an error of 1e-2 at a spread of 30.
      EXPECT_NEAR(1.0 / 3 + double(moved[j]), std::exp(double(scores[j]) - double(spread)) / sum,
                  2e-6)
          << "spread " << spread << ", key " << j;
    }
  }
}

}  // namespace softmax_path_test
}  // namespace whyclip
