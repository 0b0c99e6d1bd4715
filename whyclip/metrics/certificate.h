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
  int pairs = 20;        ///< random orders with their reverses: p-values from 1 / (2 pairs + 1)
  int steps = 4;         ///< of the curves
  int noisy = 4;         ///< noisy images; 0: stability is not measured
  double radius = 0.02;  ///< of the noise, as a part of the pixels' range
  std::uint64_t seed = 0;
};

/// A map to be certified.
struct ClaimedMap {
  std::span<const float> patches;
  /// score − Σ of all contributions, if the map claims to add up.
  std::optional<double> residual = {};
  /// The same method's map of another image of the same size, for stability; may be empty.
  std::function<std::vector<float>(const Preprocessed&)> again = {};
};

/// Compares the map's gain with that of random orders of the same patches: a permutation test,
/// p = (1 + #{random gain ≥ gain}) / (1 + orders) (Phipson and Smyth 2010, eq. 2). An order and its
/// reverse, whose curves are the same exchanged, are both random orders: two for the price of one,
/// and the test stays valid: ranks of |gain| among the pairs are uniform, their signs even.
/// Supported: p ≤ 0.05, deletion and insertion each better than the random mean, and a larger
/// gain than the order of a centred Gaussian. Weak: p ≤ 0.05 only. Throws Error for options out of
/// range; Cancelled.
Certificate certify(ExplanationContext& context, const ClaimedMap& map,
                    const CertificateOptions& options = {}, const Progress& progress = {});

}  // namespace whyclip
