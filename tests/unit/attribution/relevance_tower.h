#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

enum class LinearRelevance { kEpsilon, kGamma, kZPlus };

/// One set of rules of layer-wise relevance propagation.
struct RelevanceRules {
  LinearRelevance mlp = LinearRelevance::kEpsilon;    ///< in the two matrices of an MLP
  LinearRelevance other = LinearRelevance::kEpsilon;  ///< in patch embedding, attention, projection
  double gamma = 0;
  double linear_epsilon = 1e-6;  ///< ε of sums and of the linear ops under the rule ε
  bool identity_norms = false;   ///< relevance passes layer norms unchanged
  bool attention = false;        ///< AttnLRP's products and softmax; otherwise a constant pattern
};

/// The image tower of the tiny checkpoint in float64 with tangents: relevance propagation as
/// gradient × input (Arras et al. 2025, "Close Look at Decomposition-based XAI-Methods for
/// Transformer Language Models", section 3), forward from the sources. If R_j = y_j g_j is the
/// relevance of an output, every rule R_i = x_i Σ_j c_ij g_j is a linear map ẏ_j = Σ_i c_ij ẋ_i of
/// tangents, and a source's relevance is the tangent at the target for ẋ = x_source.
class RelevanceTower {
 public:
  RelevanceTower(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                 RelevanceRules rules);

  /// Runs an image, (1, 3·16·16); returns the relevance of 16 patches, the class token and the
  /// positions for direction · ẑ.
  std::vector<double> relevance(const reference::Matrix<double>& pixels,
                                const std::vector<float>& direction) const;

 private:
  using Rows = reference::Matrix<double>;
  /// A value and the tangents of all sources, of the same shape.
  struct Dual {
    Rows value;
    std::vector<Rows> tangents;
  };

  Dual embed(const Rows& pixels) const;
  Dual norm(const Dual& x, const std::string& name) const;
  Dual linear(const Dual& x, const std::string& name, LinearRelevance rule) const;
  Dual activated(const Dual& x) const;
  Dual attention(const Dual& x, const std::string& scope) const;
  Dual block(const Dual& x, int index) const;
  Dual sum(const Dual& a, const Dual& b) const;
  /// Multiplies every tangent by y / (y + ε sign(y)).
  static void stabilise(Dual& y, double epsilon);
  const std::vector<float>& weight(const std::string& name) const {
    return weights_.at(name).values;
  }

  std::map<std::string, TensorToWrite> weights_;
  ActivationKind activation_;
  RelevanceRules rules_;
};

}  // namespace whyclip::testing
