#pragma once

#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// The linear map from vectors of the class token's residual stream to a score, in float64: a last
/// norm with the 1/σ of the whole stream, a projection, and 1/‖z‖.
class StreamReader {
 public:
  /// `projection` is (outputs, width); γ, β and the stream are (width).
  StreamReader(const std::vector<float>& projection, const std::vector<float>& gamma,
               const std::vector<float>& beta, const std::vector<double>& stream,
               const std::vector<float>& direction);
  /// The contribution of a summand of the stream to direction · ẑ.
  double read(const std::vector<double>& part) const;
  double bias() const { return bias_; }    ///< the contribution of β
  double logit() const { return logit_; }  ///< direction · ẑ

 private:
  std::vector<double> gain_;
  double bias_ = 0, logit_ = 0;
};

/// The direct contributions of the components of the tiny image tower, in float64: each component's
/// vector in the class token's residual stream is computed and mapped by the last norm, with the
/// stream's 1/σ, and the projection.
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
