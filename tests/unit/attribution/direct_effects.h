#pragma once

#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// How an embedding reads vectors of the class token's residual stream in float64: a last norm, the
/// 1/σ of which is that of the whole stream, a projection, and 1/‖z‖.
class StreamReader {
 public:
  /// `projection` is (outputs, width); γ, β and the stream are (width).
  StreamReader(const std::vector<float>& projection, const std::vector<float>& gamma,
               const std::vector<float>& beta, const std::vector<double>& stream,
               const std::vector<float>& direction);
  /// What a vector that is part of the stream gives to direction · ẑ.
  double read(const std::vector<double>& part) const;
  double bias() const { return bias_; }    ///< what β gives
  double logit() const { return logit_; }  ///< direction · ẑ

 private:
  std::vector<double> gain_;
  double bias_ = 0, logit_ = 0;
};

/// What the components of the tiny image tower write into the class token's residual stream, in
/// float64: each component's vector is made, and then read by the last norm with its 1/σ and the
/// projection, as the stream itself is.
struct DirectEffects {
  struct Block {
    std::vector<std::vector<double>> head_tokens;  ///< (heads, tokens), values without their bias
    double attention_bias = 0, mlp = 0, mlp_bias = 0;
  };
  double embedding = 0, embedding_bias = 0, last_bias = 0;
  std::vector<Block> blocks;
  double logit = 0;  ///< direction · ẑ
};

/// For an image, (1, 3·16·16), and a direction in the joint space.
DirectEffects direct_effects(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                             const reference::Matrix<double>& pixels,
                             const std::vector<float>& direction);

}  // namespace whyclip::testing
