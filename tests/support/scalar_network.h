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

/// The image tower of the tiny checkpoint in float64, kept as what it is once its gains are
/// constants: a chain of linear maps, each written down in both directions by plain loops, and the
/// offset that each adds. The contributions of every source are then found forward (one source at a
/// time) and back (all at once).
class ScalarNetwork {
 public:
  /// With a quadrature the query–key path is credited (scores and mix by half-splits, the softmax
  /// integrated from the uniform pattern); without one the pattern is a constant.
  ScalarNetwork(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                std::optional<Quadrature> path);

  /// Runs an image, (1, 3·16·16), and keeps the maps.
  void run(const reference::Matrix<double>& pixels);

  /// direction · ẑ of that image.
  double logit(const std::vector<float>& direction) const;
  /// What each source gives to the logit: "patch 0" … "patch 15", and what each op adds of its own
  /// by the op's trace point. The same keys from both.
  std::map<std::string, double> contributions_forward(const std::vector<float>& direction) const;
  std::map<std::string, double> contributions_backward(const std::vector<float>& direction) const;

  /// What is added in each row of an op, (rows), by the op's trace point; its sum is the op's
  /// contribution.
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
    std::function<std::vector<Rows>(const Rows&)> back;  ///< its transpose
    Rows additive_term;                                  ///< without rows if the op adds nothing
  };

  /// Appends a map and the value it has, by the maps' own arithmetic; returns its place.
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

  /// Whether a map adds something, and something reads it (q and k are not read with a constant
  /// pattern).
  bool is_source(std::size_t map) const;
  Rows carried(Rows patches, int additive_term_of) const;
  /// Of the logit, for each of values_; without rows where nothing flows.
  std::vector<Rows> gradients(const std::vector<float>& direction) const;
  const TensorToWrite& weight(const std::string& name) const { return weights_.at(name); }

  std::map<std::string, TensorToWrite> weights_;
  ActivationKind activation_;
  std::optional<Quadrature> path_;
  std::vector<Map> maps_;  // maps_[i] makes values_[i + 1]; values_[0] are the patches
  std::vector<Rows> values_;
};

}  // namespace whyclip::testing
