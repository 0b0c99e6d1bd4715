#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// The text tower of the tiny checkpoint in float64 for one prompt, with its gains stored on the
/// way and then held constant. Each source's own values are sent forward through the network that
/// is left, all rows of all blocks and without any library code.
class FrozenText {
 public:
  using Vector = std::vector<double>;

  /// Runs a prompt, start token to end-of-text token, and keeps its gains.
  FrozenText(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
             std::vector<std::int32_t> ids);

  /// t̂, (20).
  const Vector& embedding() const { return embedding_; }
  /// What one token's embedding brings to t̂, and all positions, and the bias of one layer by its
  /// name in the checkpoint (the β of a norm).
  Vector of_token(std::size_t token) const;
  Vector of_positions() const;
  Vector of_bias(const std::string& name) const;

 private:
  using Rows = reference::Matrix<double>;

  /// One pass; `bias` names the only bias that counts, "*" all. Gains are looked up by name, and
  /// stored first if they are not there.
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
