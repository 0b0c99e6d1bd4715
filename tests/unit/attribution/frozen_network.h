#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// The image tower of the tiny checkpoint in float64. The gains of one run are stored and then held
/// constant, which leaves a linear network. Unlike the library, it finds contributions in the
/// forward direction: it passes each source's own values forward through the linear network.
class FrozenNetwork {
 public:
  FrozenNetwork(const std::vector<TensorToWrite>& tensors, ActivationKind activation);

  /// Runs an image, (1, 3·16·16), and stores its gains.
  void run(const reference::Matrix<double>& pixels);
  /// direction · ẑ of that image.
  double logit(const std::vector<float>& direction) const;

  /// The contributions of each patch, the class token, and all positions to the logit.
  std::vector<double> patch_contributions(const std::vector<float>& direction) const;
  double class_token_contribution(const std::vector<float>& direction) const;
  double position_contribution(const std::vector<float>& direction) const;
  /// The contribution of one bias or β of a norm, by its tensor's name.
  double bias_contribution(const std::string& bias, const std::vector<float>& direction) const;

 private:
  using Rows = reference::Matrix<double>;

  /// The gains of one block, and of a norm: 1/σ of each row.
  struct Gains {
    std::vector<double> norm1, norm2;
    Rows pattern, gate;
  };

  /// Passes the residual stream before the first norm through the network. Recording computes the
  /// gains; otherwise they are constants. Only the bias named `bias` is added; "*" means all.
  std::vector<double> forward(Rows x, const std::string& bias, bool recording);
  std::vector<double> frozen_forward(Rows x, const std::string& bias) const;
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
