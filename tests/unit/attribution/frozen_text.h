#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// The text tower of the tiny checkpoint in float64 for one prompt. The gains of one run are stored
/// and then held constant. Each source's own values are passed forward through the resulting linear
/// network, all rows of all blocks, without library code.
class FrozenText {
 public:
  using Vector = std::vector<double>;

  /// Runs a prompt, start token to end-of-text token, and stores its gains.
  FrozenText(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
             std::vector<std::int32_t> ids);

  /// t̂, (20).
  const Vector& embedding() const { return embedding_; }
  /// The contributions to t̂ of one token's embedding, of all positions, and of the bias of one
  /// layer (or β of a norm) by the layer's name in the checkpoint.
  Vector of_token(std::size_t token) const;
  Vector of_positions() const;
  Vector of_bias(const std::string& name) const;

 private:
  using Rows = reference::Matrix<double>;

  /// One pass; only the bias named `bias` is added, "*" means all. Gains are looked up by name;
  /// missing ones are computed and stored.
  Vector forward(Rows x, const std::string& bias, std::map<std::string, Rows>& gains) const;
  Rows block(const Rows& x, const std::string& prefix, const std::string& bias,
             std::map<std::string, Rows>& gains) const;
  Rows norm(const Rows& x, const std::string& name, const std::string& bias,
            std::map<std::string, Rows>& gains) const;
  Rows affine(const Rows& x, const std::string& name, const std::string& bias) const;
  Rows row_of(const std::string& table, std::int32_t index, std::size_t token) const;
  Vector frozen(Rows x, const std::string& bias) const;

  std::map<std::string, TensorToWrite> weights_;
  ActivationKind activation_;
  std::vector<std::int32_t> ids_;
  std::map<std::string, Rows> gains_;
  Vector embedding_;
};

}  // namespace whyclip::testing
