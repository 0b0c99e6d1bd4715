#include "whyclip/core/attention_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/close.h"
#include "tests/support/random.h"
#include "tests/support/reference.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/attention_mask.h"

namespace whyclip {
namespace attention_kernels_test {

using testing::all_close;
using testing::random_tensor;

/// Scores up to about 10, sums over up to 145 keys, all in float32.
constexpr double kTolerance = 1e-5;
/// A random pattern is not normalised: sums of 145 products are about 50.
constexpr double kMixTolerance = 5e-5;

struct MaskCase {
  const char* name;
  AttentionMaskPtr mask;
  std::vector<reference::Group> groups;
  std::int64_t key_rows;
};

const std::vector<std::int32_t> kTree{-1, 0, 1, 1, 3, 0, 5, 2, 6};

std::vector<MaskCase> mask_cases() {
  return {
      {"full", AttentionMask::full(2, 7), reference::full_groups(2, 7), 14},
      {"image", AttentionMask::full(1, 145), reference::full_groups(1, 145), 145},
      {"one_token", AttentionMask::full(3, 1), reference::full_groups(3, 1), 3},
      {"one_query", AttentionMask::full_one_query(3, 50), reference::one_query_groups(3, 50), 150},
      {"tree", AttentionMask::tree(kTree), reference::tree_groups(kTree), 9}};
}

struct Heads {
  std::int64_t heads, width;
};

class Attention : public ::testing::TestWithParam<std::tuple<int, Heads, int>> {
 protected:
  MaskCase mask_case = mask_cases()[std::size_t(std::get<0>(GetParam()))];
  std::int64_t heads = std::get<1>(GetParam()).heads, width = std::get<1>(GetParam()).width;
  int threads = std::get<2>(GetParam());
  kernels::AttentionLayout layout = mask_case.mask->layout(heads, width);
  Tensor q = random_tensor("q", mask_case.mask->queries(), heads* width);
  Tensor k = random_tensor("k", mask_case.key_rows, heads* width);
  Tensor v = random_tensor("v", mask_case.key_rows, heads* width);
  float factor = float(1 / std::sqrt(double(width)));

  static reference::Matrix<double> matrix(const Tensor& t) {
    return reference::matrix_of<double>(t);
  }
};

TEST_P(Attention, ScoresEqualTheReference) {
  Tensor scores(mask_case.mask->score_rows(heads), mask_case.mask->most_keys());
  kernels::attention_scores(layout, q.data(), k.data(), factor, scores.data(), threads);

  EXPECT_TRUE(all_close(scores.values(),
                        reference::floats_of(reference::attention_scores(mask_case.groups, heads,
                                                                         matrix(q), matrix(k))),
                        kTolerance));
}

TEST_P(Attention, SoftmaxEqualsTheReference) {
  const Tensor scores =
      random_tensor("scores", mask_case.mask->score_rows(heads), mask_case.mask->most_keys());
  Tensor pattern(scores.rows(), scores.width());
  kernels::attention_softmax(layout, scores.data(), pattern.data(), threads);

  EXPECT_TRUE(all_close(
      pattern.values(),
      reference::floats_of(reference::attention_softmax(mask_case.groups, heads, matrix(scores))),
      1e-6));
}

TEST_P(Attention, MixEqualsTheReference) {
  const Tensor pattern =
      random_tensor("pattern", mask_case.mask->score_rows(heads), mask_case.mask->most_keys());
  Tensor out(q.rows(), q.width());
  kernels::attention_mix(layout, pattern.data(), v.data(), out.data(), threads);

  EXPECT_TRUE(all_close(out.values(),
                        reference::floats_of(reference::attention_mix(mask_case.groups, heads,
                                                                      matrix(pattern), matrix(v))),
                        kMixTolerance));
}

TEST_P(Attention, MixOfSeveralValuesEqualsSingleMixesBitForBit) {
  constexpr std::int64_t kCount = 3;
  const Tensor pattern =
      random_tensor("pattern", mask_case.mask->score_rows(heads), mask_case.mask->most_keys());
  const Tensor values = random_tensor("values", kCount * v.rows(), v.width());
  Tensor together(kCount * q.rows(), q.width()), alone(q.rows(), q.width());
  kernels::attention_mix_each(layout, pattern.data(), values.data(), v.rows(), kCount,
                              together.data(), threads);

  for (std::int64_t c = 0; c < kCount; ++c) {
    kernels::attention_mix(layout, pattern.data(), values.row(c * v.rows()).data(), alone.data(),
                           1);
    EXPECT_TRUE(std::ranges::equal(alone.values(),
                                   std::span(together.row(c * q.rows()).data(), alone.size())));
  }
}

TEST_P(Attention, ValueAdjointOfMixScattersEachTargetOverTheKeys) {
  constexpr std::int64_t kTargets = 3;
  const Tensor pattern =
      random_tensor("pattern", mask_case.mask->score_rows(heads), mask_case.mask->most_keys());
  const Tensor g = random_tensor("g", kTargets * q.rows(), q.width());
  Tensor together(kTargets * v.rows(), v.width()), alone(v.rows(), v.width()),
      mixed(q.rows(), q.width());
  kernels::attention_mix_vjp_values(layout, pattern.data(), g.data(), v.rows(), kTargets,
                                    together.data(), threads);

  for (std::int64_t t = 0; t < kTargets; ++t) {
    const float* target = g.row(t * q.rows()).data();
    kernels::attention_mix_vjp_values(layout, pattern.data(), target, v.rows(), 1, alone.data(), 1);
    EXPECT_TRUE(std::ranges::equal(alone.values(),
                                   std::span(together.row(t * v.rows()).data(), alone.size())));
    // ⟨g, mix(v)⟩ = ⟨adjoint(g), v⟩, so a wrong entry shows with random v.
    kernels::attention_mix(layout, pattern.data(), v.data(), mixed.data(), 1);
    const double left = kernels::dot(target, mixed.data(), std::int64_t(mixed.size())),
                 right = kernels::dot(alone.data(), v.data(), std::int64_t(v.size()));
    double size = 1;
    for (const float value : mixed.values()) size += std::abs(double(value));
    EXPECT_NEAR(left, right, 1e-6 * size);
  }
}

TEST_P(Attention, FusedEqualsTheReference) {
  Tensor out(q.rows(), q.width());
  kernels::attention(layout, q.data(), k.data(), v.data(), factor, out.data(), threads);

  EXPECT_TRUE(all_close(out.values(),
                        reference::floats_of(reference::attention(mask_case.groups, heads,
                                                                  matrix(q), matrix(k), matrix(v))),
                        kTolerance));
}

TEST_P(Attention, FusedOfExtremeScoresIsFinite) {
  for (float& value : q.values()) value *= 1e4f;
  Tensor out(q.rows(), q.width());

  kernels::attention(layout, q.data(), k.data(), v.data(), factor, out.data(), threads);

  EXPECT_TRUE(kernels::all_finite(out.data(), std::int64_t(out.size())));
}

std::string case_name(const ::testing::TestParamInfo<Attention::ParamType>& case_info) {
  const auto& [mask_case, heads, threads] = case_info.param;
  return std::string(mask_cases()[std::size_t(mask_case)].name) + "_" +
         std::to_string(heads.heads) + "by" + std::to_string(heads.width) + "on" +
         std::to_string(threads);
}

// Odd head widths end in a partial vector.
INSTANTIATE_TEST_SUITE_P(Kernels, Attention,
                         ::testing::Combine(::testing::Range(0, 5),
                                            ::testing::Values(Heads{1, 1}, Heads{3, 5},
                                                              Heads{2, 17}, Heads{3, 64}),
                                            ::testing::Values(1, 2)),
                         case_name);

}  // namespace attention_kernels_test
}  // namespace whyclip
