#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/methods/explanation_context.h"
#include "whyclip/metrics/certificate_result.h"
#include "whyclip/metrics/removal_curves.h"

namespace whyclip {

struct CertificateOptions {
  int pairs = 20;  ///< random orders with their reverses; the smallest p-value is 1 / (2 pairs + 1)
  int steps = 4;   ///< steps of the curves
  int noisy = 4;   ///< number of noisy images; 0: stability is not measured
  double radius = 0.02;  ///< radius of the noise as a fraction of the pixel range
  std::uint64_t seed = 0;
};

/// A map to certify.
struct ClaimedMap {
  std::span<const float> patches;
  /// score − Σ of all contributions, if the method is complete.
  std::optional<double> residual = {};
  /// The same method's map of another image of the same size, for stability; optional.
  std::function<std::vector<float>(const Preprocessed&)> again = {};
};

/// Compares the map's gain with the gains of random orders of the same patches: a permutation test
/// with p = (1 + #{random gain ≥ gain}) / (1 + orders) (Phipson and Smyth 2010, eq. 2). Each random
/// order is used with its reverse, which has the same two curves exchanged. The test remains valid:
/// the ranks of |gain| among the pairs are uniform and the signs symmetric. Supported: p ≤ 0.05,
/// deletion and insertion each better than the random mean, and a larger gain than the order of a
/// centred Gaussian. Weak: p ≤ 0.05 only. Throws Error for options out of range; Cancelled.
Certificate certify(ExplanationContext& context, const ClaimedMap& map,
                    const CertificateOptions& options = {}, const Progress& progress = {});

}  // namespace whyclip
