#pragma once

#include <string>
#include <vector>

#include "tests/support/random.h"
#include "tests/support/reference.h"
#include "whyclip/ops/attention_mask.h"

namespace whyclip::testing {

/// An attention mask, for the library and for the reference loops.
struct MaskCase {
  const char* name;
  AttentionMaskPtr mask;
  std::vector<reference::Group> groups;
  std::int64_t key_rows;
};

inline const std::vector<MaskCase>& mask_cases() {
  static const std::vector<std::int32_t> parent{-1, 0, 1, 1, 0, 4};
  static const std::vector<MaskCase> all{
      {"full", AttentionMask::full(2, 5), reference::full_groups(2, 5), 10},
      {"one_query", AttentionMask::full_one_query(2, 7), reference::one_query_groups(2, 7), 14},
      {"tree", AttentionMask::tree(parent), reference::tree_groups(parent), 6}};
  return all;
}

inline constexpr std::int64_t kHeads = 2, kHeadWidth = 3, kAttentionWidth = kHeads * kHeadWidth;

/// Values of one stack of a tensor, in float64.
inline reference::Matrix<double> stack_of(const Tensor& tensor, std::int64_t rows,
                                          std::int64_t stack) {
  return reference::matrix_of<double>(
      Tensor::from(rows, tensor.width(),
                   tensor.values().subspan(std::size_t(stack * rows * tensor.width()),
                                           std::size_t(rows * tensor.width()))));
}

/// Inputs of an attention op; scores and pattern are zero in columns without a key.
inline Tensor random_rows(const MaskCase& mask_case, const std::string& seed,
                          std::int64_t stacks = 1) {
  const std::int64_t rows = mask_case.mask->score_rows(kHeads);
  Tensor result = random_tensor(seed, stacks * rows, mask_case.mask->most_keys());
  for (std::int64_t r = 0; r < result.rows(); ++r) {
    const auto keys = std::size_t(mask_case.mask->keys_of_score_row(r % rows, kHeads));
    for (std::size_t j = keys; j < result.row(r).size(); ++j) result.row(r)[j] = 0;
  }
  return result;
}

inline std::vector<Tensor> score_inputs(const MaskCase& mask_case, const std::string& seed) {
  std::vector<Tensor> result;
  result.push_back(random_tensor(seed + "q", mask_case.mask->queries(), kAttentionWidth));
  result.push_back(random_tensor(seed + "k", mask_case.key_rows, kAttentionWidth));
  return result;
}

inline std::vector<Tensor> softmax_inputs(const MaskCase& mask_case, const std::string& seed) {
  std::vector<Tensor> result;
  result.push_back(random_rows(mask_case, seed + "scores"));
  return result;
}

inline std::vector<Tensor> mix_inputs(const MaskCase& mask_case, const std::string& seed) {
  const Tensor scores = random_rows(mask_case, seed + "scores");
  std::vector<Tensor> result;
  result.push_back(
      Tensor::from(scores.rows(), scores.width(),
                   reference::floats_of(reference::attention_softmax(
                       mask_case.groups, kHeads, reference::matrix_of<double>(scores)))));
  result.push_back(random_tensor(seed + "v", mask_case.key_rows, kAttentionWidth));
  return result;
}

}  // namespace whyclip::testing
