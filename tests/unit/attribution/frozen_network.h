#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// The image tower of the tiny checkpoint in float64, with its gains stored on the way and then
/// held constant. Contributions are found the other way round from the library: each source's own
/// values are sent forward through the network that is left, which is linear.
class FrozenNetwork {
 public:
  FrozenNetwork(const std::vector<TensorToWrite>& tensors, ActivationKind activation);

  /// Runs an image, (1, 3·16·16), and keeps its gains.
  void run(const reference::Matrix<double>& pixels);
  /// direction · ẑ of that image.
  double logit(const std::vector<float>& direction) const;

  /// What each patch gives to the logit, and the class token, and all positions.
  std::vector<double> patch_contributions(const std::vector<float>& direction) const;
  double class_token_contribution(const std::vector<float>& direction) const;
  double position_contribution(const std::vector<float>& direction) const;
  /// What one bias gives, by its tensor's name; also the β of a norm.
  double bias_contribution(const std::string& bias, const std::vector<float>& direction) const;

 private:
  using Rows = reference::Matrix<double>;

  /// The gains of one block, and of a norm: 1/σ of each row.
  struct Gains {
    std::vector<double> norm1, norm2;
    Rows pattern, gate;
  };

  /// Sends the residual stream before the first norm through the network. Recording computes the
  /// gains; otherwise they are constants. `bias` names the only bias that counts, "*" means all.
  std::vector<double> forward(Rows x, const std::string& bias, bool recording);
  std::vector<double> propagate_backward(Rows x, const std::string& bias) const;
  double contribution(Rows x, const std::string& bias, const std::vector<float>& direction) const;
  Rows block(const Rows& x, int index, const std::string& bias, bool recording);
  Rows norm(const Rows& x, const std::string& name, const std::string& bias,
            std::vector<double>& inverse_sigma, bool recording) const;
  Rows affine(const Rows& x, const std::string& name, const std::string& bias) const;
  const TensorToWrite& weight(const std::string& name) const { return weights_.at(name); }

  std::map<std::string, TensorToWrite> weights_;
  ActivationKind activation_;
  Rows patches_;
  std::vector<double> pre_norm_, post_norm_;
  std::vector<Gains> gains_ = std::vector<Gains>(2);
  double length_ = 0;
  std::vector<double> embedding_;
};

}  // namespace whyclip::testing
