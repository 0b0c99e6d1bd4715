#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/ops/op.h"

namespace whyclip::testing {

using Dense = reference::Matrix<double>;

/// The dense matrices of an op that is linear with its gains held constant: output = Σ_i map_i ·
/// input_i + additive term, all values of a tensor in one vector.
struct DenseMaps {
  std::vector<Dense> of_input;        ///< (output values, values of that input); empty: not read
  std::vector<double> additive_term;  ///< (output values)
};

struct DenseCase {
  std::string name;
  std::function<OpPtr(const std::string& seed)> op;
  std::function<std::vector<Tensor>(const std::string& seed)> inputs;
  /// The gains are computed from the inputs, in float64.
  std::function<DenseMaps(const std::string& seed, const std::vector<Dense>& inputs)> maps;
  bool routing = false;  ///< the op only moves rows
};

/// All kinds of ops except scores and softmax, which are not linear even with constant gains; in
/// several shapes.
const std::vector<DenseCase>& dense_cases();

/// Σ_i map_i · input_i + additive term.
std::vector<double> output_of(const DenseMaps& maps, const std::vector<Dense>& inputs);

}  // namespace whyclip::testing
