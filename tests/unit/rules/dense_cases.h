#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/ops/op.h"

namespace whyclip::testing {

using Dense = reference::Matrix<double>;

/// An op that is linear with its gains held constant, written down as what it then is: output =
/// Σ_i map_i · input_i + additive term, all values of a tensor in one vector.
struct DenseMaps {
  std::vector<Dense> of_input;        ///< (output values, values of that input); empty: not read
  std::vector<double> additive_term;  ///< (output values)
};

struct DenseCase {
  std::string name;
  std::function<OpPtr(const std::string& seed)> op;
  std::function<std::vector<Tensor>(const std::string& seed)> inputs;
  /// The gains come from the inputs, in float64.
  std::function<DenseMaps(const std::string& seed, const std::vector<Dense>& inputs)> maps;
  bool routing = false;  ///< rows are moved, values stay
};

/// Every kind of op but those that are not linear even so (scores and softmax), in several shapes.
const std::vector<DenseCase>& dense_cases();

/// Σ_i map_i · input_i + additive term.
std::vector<double> output_of(const DenseMaps& maps, const std::vector<Dense>& inputs);

}  // namespace whyclip::testing
