#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/attribution/target.h"
#include "whyclip/io/safetensors.h"

namespace whyclip::testing {

/// The image tower of the tiny checkpoint (QuickGELU) for images of 16 × 16, by plain loops in
/// complex doubles. Values are the real parts; derivatives at any trace point by the complex step.
class Tower {
 public:
  using Rows = reference::Matrix<reference::Complex>;
  /// Called with each value and its trace point ("patches", "blocks.1.pattern", "embedding", …);
  /// may change the value before it is used.
  using Hook = std::function<void(const std::string& point, Rows& value)>;

  static constexpr int kBlocks = 2, kHeads = 3, kTokens = 17;

  Tower(const std::vector<TensorToWrite>& tensors, std::vector<float> pixels,
        std::vector<float> direction);

  /// direction · ẑ of the image.
  reference::Complex score(const Hook& hook = {}) const;
  /// The value at a trace point.
  Rows value(const std::string& point, const Hook& hook = {}) const;
  /// ∂score/∂(value at the trace point), with the size of the value.
  std::vector<double> gradient(const std::string& point, const Hook& hook = {}) const;

  /// The embedding before normalisation, (1, projection).
  Rows embedding(const Hook& hook = {}) const;
  /// ∂(embedding before normalisation)/∂(value at the trace point), (value, projection).
  std::vector<double> embedding_jacobian(const std::string& point, const Hook& hook = {}) const;

  /// Layers by their names in the checkpoint, for other combinations of them.
  Rows linear(const Rows& x, const std::string& name, bool biased = true) const;
  Rows norm(const Rows& x, const std::string& name) const;
  Rows mlp(const Rows& x, int block) const;  ///< after ln2
  /// direction · normalise(P ln_post(x)) of each row.
  std::vector<reference::Complex> read(const Rows& x) const;
  static std::string layer(int block);  ///< "vision_model.encoder.layers.1."

 private:
  /// The class token after the last block, (1, width).
  Rows run(const Hook& hook) const;

  std::map<std::string, TensorToWrite> weights_;
  Rows pixels_;
  std::vector<float> direction_;
};

/// A hook that replaces the values at a trace point.
Tower::Hook replacing(const std::string& point, const std::vector<double>& values);

/// The real parts of the values.
std::vector<double> real_parts(const Tower::Rows& rows);

/// The patches of token values, without the class token (first).
std::vector<float> without_class(const std::vector<double>& tokens);

}  // namespace whyclip::testing
