#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// How a SplitTower divides nonlinear ops and additive terms among its sources.
enum class Split {
  /// DecompX (Modarressi et al. 2023, eq. 9 with absolute inner products): gates constant, an
  /// additive term b of a row in proportion to |b · y_s|.
  kAbsDot,
  /// Contextual decomposition (Murdoch et al. 2018; Singh et al. 2019; Hsu et al. 2024): each
  /// source separated from the rest, φ(X) − φ(X − x_s), additive terms in proportion to |x_s| and
  /// |X − x_s|.
  kContextual,
};

/// The image tower of the tiny checkpoint in float64, which propagates every activation together
/// with the contributions of 18 sources: 16 patches, the class token, the positions. The attention
/// pattern and the 1/σ of norms are constants.
class SplitTower {
 public:
  SplitTower(const std::vector<TensorToWrite>& tensors, ActivationKind activation, Split split);

  /// Runs an image, (1, 3·16·16); returns each source's contribution to direction · ẑ.
  std::vector<double> contributions(const reference::Matrix<double>& pixels,
                                    const std::vector<float>& direction) const;

 private:
  using Rows = reference::Matrix<double>;
  /// A value and its sources' contributions, all of the same shape.
  struct Parts {
    Rows all;
    std::vector<Rows> of;
  };

  Parts embed(const Rows& pixels) const;
  Parts norm(const Parts& x, const std::string& name) const;
  Parts affine(const Parts& x, const std::string& name) const;
  Parts activated(const Parts& x) const;
  Parts attention(const Parts& x, const std::string& scope) const;
  Parts block(const Parts& x, int index) const;
  /// Adds an additive term to `y`. kContextual divides it by the elements of `before`.
  void add_additive_term(Parts& y, const Parts& before,
                         const std::vector<float>& additive_term) const;
  double activation(double u) const;
  const std::vector<float>& weight(const std::string& name) const {
    return weights_.at(name).values;
  }

  std::map<std::string, TensorToWrite> weights_;
  ActivationKind activation_;
  Split split_;
};

}  // namespace whyclip::testing
