#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/core/quadrature.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// The image tower of the tiny checkpoint in float64. With constant gains it is a chain of linear
/// maps with additive terms; each map is implemented in both directions by plain loops.
/// Contributions of all sources are computed forward (one source at a time) and backward (all at
/// once).
class ScalarNetwork {
 public:
  /// With a quadrature the query–key path gets contributions (scores and mix by half-splits, the
  /// softmax integrated from the uniform pattern); without one the pattern is constant.
  ScalarNetwork(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                std::optional<Quadrature> path);

  /// Runs an image, (1, 3·16·16), and stores the maps.
  void run(const reference::Matrix<double>& pixels);

  /// direction · ẑ of that image.
  double logit(const std::vector<float>& direction) const;
  /// Contribution of each source to the logit: "patch 0" … "patch 15", and the additive term of
  /// each op by its trace point. Both functions have the same keys.
  std::map<std::string, double> contributions_forward(const std::vector<float>& direction) const;
  std::map<std::string, double> contributions_backward(const std::vector<float>& direction) const;

  /// Contributions of the additive term of each op, (rows), by its trace point; their sum is the
  /// op's contribution.
  std::map<std::string, std::vector<double>> additive_rows(
      const std::vector<float>& direction) const;
  /// The contribution of each row of the value at a trace point, (rows).
  std::vector<double> value_rows(const std::string& trace_point,
                                 const std::vector<float>& direction) const;

 private:
  using Rows = reference::Matrix<double>;
  struct Map {
    std::string trace_point;
    std::vector<int> inputs;
    std::function<Rows(const std::vector<Rows>&)>
        propagate_forward;  ///< contributions of the inputs → of the output
    std::function<std::vector<Rows>(const Rows&)> propagate_backward;  ///< its transpose
    Rows additive_term;  ///< without rows if the op adds nothing
  };

  /// Appends a map and its value, computed by the map itself. Returns the value's index.
  int apply(Map map);
  int linear(int x, const std::string& name, const std::string& trace_point, bool biased = true);
  int norm(int x, const std::string& name, const std::string& trace_point);
  int scaled(int x, Rows factor, const std::string& trace_point);
  int sum(int a, int b, const std::string& trace_point);
  int attention(int q, int k, int v, const std::string& scope);
  int scores(int q, int k, const std::string& trace_point);
  int softmax(int scores, const std::string& trace_point);
  int mix(int pattern, int v, const std::string& trace_point);
  int block(int x, int index);
  int embedded(int patches);

  /// Whether a map has an additive term and its output is used (q and k are unused with a constant
  /// pattern).
  bool is_source(std::size_t map) const;
  Rows propagated(Rows patches, int additive_term_of) const;
  /// Gradients of the logit for each of values_; without rows if there is no path.
  std::vector<Rows> gradients(const std::vector<float>& direction) const;
  const TensorToWrite& weight(const std::string& name) const { return weights_.at(name); }

  std::map<std::string, TensorToWrite> weights_;
  ActivationKind activation_;
  std::optional<Quadrature> path_;
  std::vector<Map> maps_;  // maps_[i] computes values_[i + 1]; values_[0] are the patches
  std::vector<Rows> values_;
};

}  // namespace whyclip::testing
