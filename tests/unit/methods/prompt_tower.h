#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"

namespace whyclip::testing {

/// The text tower of the tiny checkpoint (QuickGELU) for one prompt, by plain loops in complex
/// doubles, with all rows in all blocks. Tokens can be removed; the others keep their positions.
/// Derivatives at any trace point by the complex step.
class PromptTower {
 public:
  using Rows = reference::Matrix<reference::Complex>;
  /// Called with each value and its trace point ("tokens", "blocks.1.pattern", "embedding", …); may
  /// change the value before it is used.
  using Hook = std::function<void(const std::string& point, Rows& value)>;

  static constexpr int kBlocks = 2, kHeads = 2;

  /// The score is `direction` · t̂.
  PromptTower(const std::vector<TensorToWrite>& tensors, std::vector<std::int32_t> ids,
              std::vector<float> direction);

  reference::Complex score(const Hook& hook = {}) const;
  /// The score with only the tokens at these positions, ascending.
  double score_keeping(const std::vector<int>& positions) const;
  Rows value(const std::string& point, const Hook& hook = {}) const;
  std::vector<double> gradient(const std::string& point, const Hook& hook = {}) const;
  /// ∂(embedding before normalisation)/∂(value at the trace point), (value, projection).
  std::vector<double> embedding_jacobian(const std::string& point, const Hook& hook = {}) const;

 private:
  Rows run(const std::vector<int>& positions, const Hook& hook) const;
  Rows linear(const Rows& x, const std::string& name) const;
  Rows norm(const Rows& x, const std::string& name) const;
  reference::Complex read(const Rows& embedding) const;

  std::map<std::string, TensorToWrite> weights_;
  std::vector<std::int32_t> ids_;
  std::vector<float> direction_;
  std::vector<int> all_positions_;
};

}  // namespace whyclip::testing
