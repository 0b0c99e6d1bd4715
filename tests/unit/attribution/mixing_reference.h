#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/attribution/token_aggregation.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// A tower of the tiny checkpoint in float64 that decomposes its attentions by brute force: every
/// vector T_i(j) is computed and stored.
class MixingReference {
 public:
  using Rows = reference::Matrix<double>;

  /// The attention of one block.
  struct Layer {
    std::vector<Rows> from;        ///< for each query i: the T_i(j), (tokens, width)
    std::vector<double> own_bias;  ///< (width)
    Rows attended;                 ///< the output of the attention, (queries, width)
    Rows middle;                   ///< `attended` plus the residual
  };

  /// `tower` is "vision_model" or "text_model".
  MixingReference(const std::vector<TensorToWrite>& tensors, std::string tower, std::int64_t heads,
                  ActivationKind activation);

  /// Both blocks, all rows. `stream` is the input of the first, (tokens, width).
  std::vector<Layer> run(Rows stream, const std::vector<reference::Group>& groups,
                         bool residual = true, ValueBias value_bias = ValueBias::kOwn) const;

  /// The rows of one layer's matrix by the definition of the measure.
  static Rows contributions(const Layer& layer, TokenMeasure measure, bool residual = true);

 private:
  const std::vector<float>& weight(const std::string& name) const {
    return weights_.at(name).values;
  }
  Rows affine(const Rows& x, const std::string& name, bool with_bias = true) const;

  std::map<std::string, TensorToWrite> weights_;
  std::string tower_;
  std::int64_t heads_;
  ActivationKind activation_;
};

}  // namespace whyclip::testing
